//! What callers may do wrong.

use std::fs;
use std::os::unix::fs::symlink;

use persistable_store::{Draft, ErrorKind, PayloadName};

use crate::kinds::{Place, everywhere};
use crate::stores::{FAST, file, folder_store, id, lease, load, publish, write};

everywhere! {
    a_lease_of_one_store_or_artifact_is_no_good_for_another,
    names_that_cannot_be_file_names_are_refused,
    suffixes_that_would_make_files_ambiguous_are_refused,
    a_payload_io_that_does_not_write_exactly_one_payload_is_refused,
}

fn a_lease_of_one_store_or_artifact_is_no_good_for_another(place: &Place) {
    let store = &place.store;
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
}

fn names_that_cannot_be_file_names_are_refused(place: &Place) {
    let store = &place.store;
    let long = "n".repeat(151);
    for name in ["", ".", "..", "a/b", "a\\b", "a\nb", "a\0b", &long] {
        assert_eq!(PayloadName::new(name).unwrap_err().kind(), ErrorKind::InvalidName, "{name:?}");
    }
    for name in ["a", ".a", "~", "with space", "größe", "数", "a(b)", &long[1..]] {
        publish(store, &id(name, 1), &file("payload"));
        assert_eq!(load(store, &id(name, 1), &FAST).unwrap(), Some(file("payload")), "{name:?}");
    }
}

fn suffixes_that_would_make_files_ambiguous_are_refused(place: &Place) {
    let store = &place.store;
    let long = ".".repeat(49);
    let held = lease(store, &id("step", 1)).unwrap();
    for suffix in
        ["", "/x", "\\x", ".manifest.json", ".PARAMS.json", ".x.manifest.json", "(0).bin", ".a)", ".\n", &long]
    {
        assert_eq!(store.stage(&held, suffix, &FAST).unwrap_err().kind(), ErrorKind::InvalidName, "{suffix:?}");
    }
    for suffix in [".bin", "-x", ".json", ".parquet.zst", &long[1..]] {
        store.stage(&held, suffix, &FAST).unwrap();
    }
}

/// What a payload IO may do wrong, by the path where its payload is to be.
type Misdeed = fn(&std::path::Path) -> std::io::Result<()>;

fn a_payload_io_that_does_not_write_exactly_one_payload_is_refused(place: &Place) {
    let store = &place.store;
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
}
