//! One suite for every kind of store.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use persistable_store::{Draft, ErrorKind, PayloadName, PrivateBytes, Store, Verification, Wait};

use crate::map_kind::{Map, Objects};
use crate::stores::{
    Content, FAST, SYNCED, file, folder, folder_store, id, lease, load, own_entries, publish, publish_as, quarantine,
    tree, write,
};

fn on_every_kind(promise: impl Fn(&Store)) {
    let (_folder, store) = folder_store();
    for store in [store, Store::memory(), Store::over(Map::new(&Objects::default()))] {
        promise(&store);
    }
}

#[test]
fn what_was_published_is_found_with_all_that_was_said_of_it() {
    on_every_kind(|store| {
        let step = id("step", 1);
        assert!(store.find(&step).unwrap().is_none());
        let manifest = publish(store, &step, &file("payload"));
        let artifact = store.find(&step).unwrap().unwrap();
        assert_eq!(artifact.manifest().payload, manifest.payload);
        assert_eq!(artifact.manifest().key, step.key_hex());
        assert_eq!(manifest.payload.size_bytes, 7);
        assert_eq!(manifest.payload.file, format!("{step}.bin"));
        assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("payload")));
        assert!(!artifact.may_have_changed().unwrap());
        assert!(store.find(&id("step", 2)).unwrap().is_none());
        assert!(store.find(&id("other", 1)).unwrap().is_none());
    });
}

#[test]
fn a_manifest_names_program_and_machine_unless_its_draft_does() {
    on_every_kind(|store| {
        let step = id("step", 1);
        let provenance = publish(store, &step, &file("payload")).provenance;
        let program = std::env::current_exe().unwrap();
        assert_eq!(provenance.program.as_deref(), program.file_name().unwrap().to_str());
        assert!(provenance.host.is_some_and(|host| !host.is_empty()));

        let held = lease(store, &step).unwrap();
        let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
        write(&mut staging, &file("payload")).unwrap();
        let mut draft = Draft::new("raw", 1);
        draft.provenance.program = Some("notebook".into());
        draft.provenance.host = Some("cluster".into());
        let provenance = store.publish(&held, staging, draft).unwrap().provenance;
        assert_eq!((provenance.program.as_deref(), provenance.host.as_deref()), (Some("notebook"), Some("cluster")));
    });
}

#[test]
fn every_payload_replaces_every_other() {
    let contents = [
        (".bin", "raw", file("one file")),
        (".bin", "raw", Content::File(vec![])),
        (".bin", "raw", Content::File((0..3_000_000_u32).map(|n| (n % 251) as u8).collect())),
        (".csv", "csv", file("another suffix")),
        (".bin", "parts", folder(&[("a", "1"), ("deep/er/b", "2")])),
        (".bin", "parts", folder(&[("a", "1, again"), ("c", "3")])),
        (".bin", "parts", folder(&[])),
        (".zarr", "zarr", folder(&[("x", "in a folder of another name")])),
    ];
    on_every_kind(|store| {
        for (n, (old_suffix, old_io, old)) in contents.iter().enumerate() {
            for (suffix, io, new) in &contents {
                let step = id("step", n as u8);
                publish_as(store, &step, old_suffix, old_io, old, &FAST).unwrap();
                assert_eq!(load(store, &step, &FAST).unwrap().as_ref(), Some(old));
                let manifest = publish_as(store, &step, suffix, io, new, &SYNCED).unwrap();
                assert_eq!(load(store, &step, &FAST).unwrap().as_ref(), Some(new));
                assert_eq!((manifest.payload.io.as_str(), manifest.alternatives.len()), (*io, 0));
                assert_eq!(store.find(&step).unwrap().unwrap().manifest().payload, manifest.payload);
                if let Some(root) = store.path() {
                    let of_step = fs::read_dir(root)
                        .unwrap()
                        .flatten()
                        .filter(|entry| entry.file_name().to_string_lossy().starts_with(step.stem()));
                    assert_eq!(of_step.count(), 3, "{:?}", tree(root));
                    assert!(own_entries(root, "staging").is_empty());
                    assert!(own_entries(root, "quarantine").is_empty(), "nothing was damaged");
                }
            }
        }
    });
}

#[test]
fn bytes_that_were_mapped_privately_can_be_written_to_and_the_artifact_stays_as_it_is() {
    on_every_kind(|store| {
        for (key, size) in [(1, 0), (2, 10), (3, 256 << 10), (4, (3 << 20) + 1)] {
            let content = Content::File(vec![7; size]);
            publish(store, &id("step", key), &content);
            let artifact = store.find(&id("step", key)).unwrap().unwrap();
            let mut bytes = artifact.payload(&FAST).unwrap().map_private().unwrap();
            assert_eq!(*bytes, *vec![7; size]);
            bytes.fill(8);
            assert_eq!(load(store, &id("step", key), &FAST).unwrap(), Some(content));
            publish(store, &id("step", key), &file("another"));
            assert_eq!(*bytes, *vec![8; size]);
            let is_mapped = matches!(bytes, PrivateBytes::Mapped(_));
            assert_eq!(is_mapped, store.path().is_some() && size >= 256 << 10, "small files are read");
        }
    });
}

#[test]
fn two_commits_of_the_same_payload_can_be_told_apart() {
    on_every_kind(|store| {
        let step = id("step", 1);
        publish(store, &step, &file("payload"));
        let artifact = store.find(&step).unwrap().unwrap();
        publish(store, &step, &file("payload"));
        assert!(artifact.may_have_changed().unwrap());
    });
}

#[test]
fn a_removed_artifact_is_gone_and_others_stay() {
    on_every_kind(|store| {
        let (step, other) = (id("step", 1), id("step", 2));
        publish(store, &step, &folder(&[("a", "1")]));
        publish(store, &other, &file("other"));
        let artifact = store.find(&step).unwrap().unwrap();
        assert!(store.remove(&lease(store, &step).unwrap()).unwrap());
        assert!(!store.remove(&lease(store, &step).unwrap()).unwrap());
        assert!(store.find(&step).unwrap().is_none());
        assert!(artifact.may_have_changed().unwrap());
        assert_eq!(load(store, &other, &FAST).unwrap(), Some(file("other")));
    });
}

#[test]
fn a_quarantined_artifact_is_a_miss_and_can_be_published_anew() {
    on_every_kind(|store| {
        let step = id("step", 1);
        publish(store, &step, &file("payload"));
        quarantine(store, &step, "a test");
        assert!(store.find(&step).unwrap().is_none());
        publish(store, &step, &file("again"));
        assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("again")));
    });
}

#[test]
fn a_lease_excludes_others_of_the_same_artifact_only() {
    on_every_kind(|store| {
        let held = lease(store, &id("step", 1)).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let refused = lease(store, &id("step", 1)).unwrap_err();
                assert_eq!((refused.kind(), refused.is_retryable()), (ErrorKind::Busy, true));
                lease(store, &id("step", 2)).unwrap();
            });
        });
        drop(held);
        lease(store, &id("step", 1)).unwrap();
    });
}

#[test]
fn a_lease_of_one_store_or_artifact_is_no_good_for_another() {
    on_every_kind(|store| {
        let (_folder, elsewhere) = folder_store();
        let (step, other) = (id("step", 1), id("step", 2));
        let there = lease(&elsewhere, &step).unwrap();
        assert_eq!(store.stage(&there, ".bin", &FAST).unwrap_err().kind(), ErrorKind::Busy);
        assert_eq!(store.remove(&there).unwrap_err().kind(), ErrorKind::Busy);
        assert_eq!(store.quarantine(&there, "").unwrap_err().kind(), ErrorKind::Busy);

        publish(store, &step, &file("payload"));
        let here = lease(store, &step).unwrap();
        for (from, lease_there) in [(&elsewhere, &there), (store, &lease(store, &other).unwrap())] {
            let mut staging = from.stage(lease_there, ".bin", &FAST).unwrap();
            write(&mut staging, &file("not yours")).unwrap();
            let refused = store.publish(&here, staging, Draft::new("raw", 1)).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidPayload);
        }
        assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("payload")));
    });
}

#[test]
fn staging_that_is_dropped_leaves_nothing_behind() {
    on_every_kind(|store| {
        let step = id("step", 1);
        let held = lease(store, &step).unwrap();
        let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
        write(&mut staging, &folder(&[("a", "1")])).unwrap();
        drop((staging, held));
        assert!(store.find(&step).unwrap().is_none());
        if let Some(root) = store.path() {
            assert_eq!(tree(root), [".persistable/", ".persistable/lock", ".persistable/staging/"]);
        }
    });
}

#[test]
fn names_that_cannot_be_file_names_are_refused() {
    let long = "n".repeat(151);
    for name in ["", ".", "..", "a/b", "a\\b", "a\nb", "a\0b", &long] {
        assert_eq!(PayloadName::new(name).unwrap_err().kind(), ErrorKind::InvalidName, "{name:?}");
    }
    for name in ["a", ".a", "~", "with space", "größe", "数", "a(b)", &long[1..]] {
        on_every_kind(|store| {
            publish(store, &id(name, 1), &file("payload"));
            assert_eq!(load(store, &id(name, 1), &FAST).unwrap(), Some(file("payload")), "{name:?}");
        });
    }
}

#[test]
fn suffixes_that_would_make_files_ambiguous_are_refused() {
    let long = ".".repeat(49);
    on_every_kind(|store| {
        let held = lease(store, &id("step", 1)).unwrap();
        for suffix in
            ["", "/x", "\\x", ".manifest.json", ".PARAMS.json", ".x.manifest.json", "(0).bin", ".a)", ".\n", &long]
        {
            assert_eq!(store.stage(&held, suffix, &FAST).unwrap_err().kind(), ErrorKind::InvalidName, "{suffix:?}");
        }
        for suffix in [".bin", "-x", ".json", ".parquet.zst", &long[1..]] {
            store.stage(&held, suffix, &FAST).unwrap();
        }
    });
}

#[test]
fn artifacts_whose_names_begin_alike_do_not_touch_each_other() {
    on_every_kind(|store| {
        let short = id("step", 1);
        let long = id(&format!("{}.x", short.stem()), 2);
        publish(store, &long, &file("long"));
        publish(store, &short, &file("short"));
        if let Some(root) = store.path() {
            // Without its manifest the store has to find the payload by its name.
            fs::write(root.join(format!("{short}.manifest.json")), "{}").unwrap();
        }
        quarantine(store, &short, "a test");
        assert_eq!(load(store, &long, &FAST).unwrap(), Some(file("long")));
    });
}

/// What a payload IO may do wrong, by the path where its payload is to be.
type Misdeed = fn(&std::path::Path) -> std::io::Result<()>;

#[test]
fn a_payload_io_that_does_not_write_exactly_one_payload_is_refused() {
    let misdeeds: [(&str, Misdeed); 8] = [
        ("nothing", |_| Ok(())),
        ("two files", |path| fs::write(path, "1").and_then(|()| fs::write(path.with_extension("2"), "2"))),
        ("another name", |path| fs::write(path.with_extension("2"), "2")),
        ("a link to a file", |path| symlink("/etc/passwd", path)),
        ("a link to a folder", |path| symlink("/etc", path)),
        ("a dangling link", |path| symlink("/nowhere", path)),
        ("a link in a folder", |path| fs::create_dir(path).and_then(|()| symlink("/etc/passwd", path.join("a")))),
        ("a socket", |path| std::os::unix::net::UnixListener::bind(path).map(drop)),
    ];
    on_every_kind(|store| {
        let step = id("s", 1);
        publish(store, &step, &file("payload"));
        for (what, misdeed) in misdeeds {
            let held = lease(store, &step).unwrap();
            let mut staging = store.stage(&held, ".b", &FAST).unwrap();
            let path = staging.path().unwrap().to_owned();
            if misdeed(&path).is_err() {
                // The path of a socket may have 108 bytes at most, which only a memory store's staging is sure to keep to.
                continue;
            }
            let refused = store.publish(&held, staging, Draft::new("raw", 1)).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidPayload, "{what}: {refused}");
            assert!(!path.parent().unwrap().exists(), "{what}: the staging folder is still there");
        }
        assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("payload")));
    });
}

#[test]
fn a_staging_is_written_by_writer_or_by_path_but_not_both() {
    on_every_kind(|store| {
        let held = lease(store, &id("step", 1)).unwrap();
        let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
        staging.writer().unwrap().write_all(b"1").unwrap();
        staging.writer().unwrap().write_all(b"2").unwrap();
        assert_eq!(staging.path().unwrap_err().kind(), ErrorKind::InvalidPayload);
        store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
        assert_eq!(load(store, &id("step", 1), &FAST).unwrap(), Some(file("12")));
    });
}

#[test]
fn nothing_is_staged_for_a_folder_that_nobody_may_change() {
    let (root, store) = folder_store();
    drop(lease(&store, &id("step", 1)).unwrap()); // Makes the store's own folder.
    let chattr = |flag| Command::new("chattr").arg(flag).arg(root.path()).output().is_ok_and(|it| it.status.success());
    if !chattr("+i") {
        return; // This account, or this file system, has no immutable folders.
    }
    let staged = lease(&store, &id("step", 1)).and_then(|held| store.stage(&held, ".bin", &FAST).map(drop));
    assert!(chattr("-i"));
    assert_eq!(staged.unwrap_err().kind(), ErrorKind::Denied);
}

#[test]
fn a_path_in_staging_that_could_not_be_had_is_asked_for_again() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    let held = lease(&store, &step).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    let own = root.path().join(".persistable/staging");
    let _ = fs::remove_dir(&own);
    fs::write(&own, "in the way").unwrap();
    assert_eq!(staging.path().unwrap_err().path().unwrap().parent(), Some(own.as_path()));
    fs::remove_file(&own).unwrap();
    assert!(staging.path().unwrap().starts_with(&own), "it would have to be moved over file systems");
    write(&mut staging, &folder(&[("a", "1")])).unwrap();
    store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(folder(&[("a", "1")])));
}

#[test]
fn a_folder_payload_is_not_read_as_bytes() {
    on_every_kind(|store| {
        publish(store, &id("step", 1), &folder(&[("a", "1")]));
        let artifact = store.find(&id("step", 1)).unwrap().unwrap();
        assert_eq!(artifact.payload(&FAST).unwrap().bytes().unwrap_err().kind(), ErrorKind::InvalidPayload);
    });
}

#[test]
fn all_verification_settings_read_the_same() {
    on_every_kind(|store| {
        for content in [file("payload"), folder(&[("a", "1")])] {
            publish(store, &id("step", 1), &content);
            for verification in [Verification::Always, Verification::OncePerFile, Verification::Never] {
                let settings = persistable_store::Settings { verification, ..FAST };
                assert_eq!(load(store, &id("step", 1), &settings).unwrap().as_ref(), Some(&content));
            }
        }
    });
}

#[test]
fn what_was_read_stays_when_the_artifact_is_replaced_and_removed() {
    on_every_kind(|store| {
        let step = id("step", 1);
        publish(store, &step, &file("old"));
        let mapped = store.find(&step).unwrap().unwrap().payload(&FAST).unwrap().map().unwrap();
        publish(store, &step, &file("new"));
        store.remove(&lease(store, &step).unwrap()).unwrap();
        assert_eq!(&*mapped, b"old");
    });
}

#[test]
fn two_handles_of_one_folder_are_one_store() {
    let (root, store) = folder_store();
    let same = Store::create(root.path().join(".")).unwrap();
    let step = id("step", 1);
    let held = lease(&store, &step).unwrap();
    let refused = std::thread::scope(|scope| {
        let other = scope.spawn(|| same.lease(&step, Wait::AtMost(Duration::from_millis(1)), &mut |_| {}).is_err());
        other.join().unwrap()
    });
    assert!(refused);
    let mut staging = same.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, &file("payload")).unwrap();
    same.publish(&held, staging, Draft::new("raw", 1)).unwrap();
    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(file("payload")));
}

#[test]
fn a_newer_format_is_neither_damage_nor_a_miss_and_is_not_overwritten() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    let path = root.path().join(format!("{step}.manifest.json"));
    let text = fs::read_to_string(&path).unwrap().replace("\"format_version\": 1", "\"format_version\": 2");
    let body = &text[..text.find(",\n  \"manifest_digest\"").unwrap()];
    let digest = persistable_store::Digest::of(body.as_bytes());
    fs::write(&path, format!("{body},\n  \"manifest_digest\": \"{digest}\"\n}}\n")).unwrap();
    assert_eq!(store.find(&step).unwrap_err().kind(), ErrorKind::NewerFormat);
    let refused = publish_as(&store, &step, ".bin", "raw", &file("mine"), &FAST).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NewerFormat);
    assert_eq!(fs::read(root.path().join(format!("{step}.bin"))).unwrap(), b"payload");
}
