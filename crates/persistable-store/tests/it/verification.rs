//! When stored bytes are compared with their digest, and how much is read for it.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use persistable_store::{ErrorKind, Settings, Store, Verification};

use crate::stores::{
    Content, FAST, SYNCED, assert_damaged, file, folder, folder_store, id, load, own_entries, publish, publish_as,
};
use crate::strace;

/// Longer than a change may hide behind the coarseness of a file's times.
const SETTLED: Duration = Duration::from_millis(60);

fn with(verification: Verification) -> Settings {
    Settings { verification, ..FAST }
}

/// Overwrites a byte in place and sets the modification time back, as a careless tool or a bad disk might.
fn corrupt_quietly(path: &Path) {
    let before = fs::metadata(path).unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[0] ^= 1;
    fs::write(path, bytes).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(before.modified().unwrap()).unwrap();
    assert_eq!(fs::metadata(path).unwrap().modified().unwrap(), before.modified().unwrap());
}

/// Returns how many bytes of payload a child reads that checks the payload's path.
fn bytes_read(root: &Path, times: u32, verification: &str) -> u64 {
    let traced = strace::run(&["-y", "-e", "trace=read,pread64"], &format!("read {times} {verification}"), root);
    assert!(traced.output.status.success(), "{}", traced.stderr());
    let reads = traced.calls.lines().filter(|line| line.contains(".bin"));
    reads.filter_map(|line| line.rsplit_once("= ")?.1.trim().parse::<u64>().ok()).sum()
}

fn payloads() -> [Content; 2] {
    [
        Content::File(vec![7; 5000]),
        Content::Folder([("a", 2000), ("sub/b", 3000)].map(|(n, size)| (n.to_owned(), vec![7; size])).into()),
    ]
}

#[test]
fn always_reads_all_of_it_each_time() {
    for payload in payloads() {
        let (root, store) = folder_store();
        publish(&store, &id("step", 1), &payload);
        assert_eq!(bytes_read(root.path(), 3, "always"), 15_000);
    }
}

#[test]
fn never_reads_nothing() {
    for payload in payloads() {
        let (root, store) = folder_store();
        publish(&store, &id("step", 1), &payload);
        assert_eq!(bytes_read(root.path(), 3, "never"), 0);
    }
}

#[test]
fn once_per_file_reads_it_once_for_all_processes() {
    for payload in payloads() {
        let (root, store) = folder_store();
        publish(&store, &id("step", 1), &payload);
        sleep(SETTLED);
        assert_eq!(bytes_read(root.path(), 3, "once"), 5_000);
        assert_eq!(bytes_read(root.path(), 3, "once"), 0);
        // The memory is a cache: without it, or with nonsense in it, the payload is read once more.
        for stamp in own_entries(root.path(), "verified") {
            fs::write(root.path().join(".persistable/verified").join(stamp), "nonsense").unwrap();
        }
        assert_eq!(bytes_read(root.path(), 3, "once"), 5_000);
        fs::remove_dir_all(root.path().join(".persistable")).unwrap();
        assert_eq!(bytes_read(root.path(), 3, "once"), 5_000);
    }
}

#[test]
fn once_per_file_notices_a_change_that_kept_size_and_modification_time() {
    for (payload, part) in payloads().into_iter().zip([".bin", ".bin/sub/b"]) {
        let (root, store) = folder_store();
        let step = id("step", 1);
        publish(&store, &step, &payload);
        sleep(SETTLED);
        let once = with(Verification::OncePerFile);
        assert!(load(&store, &step, &once).unwrap().is_some());
        assert_eq!(own_entries(root.path(), "verified").len(), 1, "it was remembered");
        corrupt_quietly(&root.path().join(format!("{step}{part}")));
        assert_damaged(load(&store, &step, &once), "changed");
        sleep(SETTLED);
        assert_damaged(load(&store, &step, &once), "changed a while ago");
    }
}

#[test]
fn a_file_that_changed_just_now_is_not_remembered() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    load(&store, &step, &with(Verification::OncePerFile)).unwrap();
    let age = fs::metadata(root.path().join(format!("{step}.bin"))).unwrap().modified().unwrap().elapsed().unwrap();
    if age < Duration::from_millis(50) {
        assert_eq!(own_entries(root.path(), "verified"), [""; 0]);
    }
    sleep(SETTLED);
    load(&store, &step, &with(Verification::OncePerFile)).unwrap();
    assert_eq!(own_entries(root.path(), "verified").len(), 1);
}

#[test]
fn a_replaced_file_is_verified_anew() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    for text in ["first", "other"] {
        publish(&store, &step, &file(text));
        sleep(SETTLED);
        load(&store, &step, &with(Verification::OncePerFile)).unwrap();
        assert_eq!(bytes_read(root.path(), 1, "once"), 0);
    }
    publish(&store, &step, &file("third"));
    assert_eq!(bytes_read(root.path(), 1, "once"), 5);
}

#[test]
fn by_default_what_is_read_in_full_is_verified_each_time_and_what_is_mapped_once() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    let payload = |store: &Store| store.find(&step).unwrap().unwrap().payload(&FAST).unwrap();
    sleep(SETTLED);
    payload(&store).bytes().unwrap();
    payload(&store).path().unwrap();
    assert_eq!(own_entries(root.path(), "verified"), [""; 0], "nothing to remember");
    payload(&store).map().unwrap();
    assert_eq!(own_entries(root.path(), "verified").len(), 1);

    corrupt_quietly(&root.path().join(format!("{step}.bin")));
    for read in [payload(&store).bytes().map(drop), payload(&store).map().map(drop), payload(&store).path().map(drop)] {
        assert_damaged(read, "changed");
    }
}

#[test]
fn what_is_mapped_privately_is_verified_as_what_is_mapped_and_small_files_each_time() {
    for (size, remembered) in [(1 << 10, 0), (1 << 20, 1)] {
        let (root, store) = folder_store();
        let step = id("step", 1);
        publish(&store, &step, &Content::File(vec![7; size]));
        let payload = || store.find(&step).unwrap().unwrap().payload(&FAST).unwrap();
        sleep(SETTLED);
        payload().map_private().unwrap();
        assert_eq!(own_entries(root.path(), "verified").len(), remembered);
        corrupt_quietly(&root.path().join(format!("{step}.bin")));
        assert_damaged(payload().map_private(), "changed");
    }
}

#[test]
fn never_still_compares_sizes_and_names() {
    let never = with(Verification::Never);
    let (root, store) = folder_store();
    publish(&store, &id("step", 1), &file("payload"));
    corrupt_quietly(&root.path().join(format!("{}.bin", id("step", 1))));
    assert_eq!(load(&store, &id("step", 1), &never).unwrap(), Some(file("qayload")), "as was asked for");
    fs::write(root.path().join(format!("{}.bin", id("step", 1))), "pay").unwrap();
    assert_damaged(load(&store, &id("step", 1), &never), "cut");

    publish(&store, &id("step", 2), &folder(&[("a", "1"), ("b", "2")]));
    fs::remove_file(root.path().join(format!("{}.bin/b", id("step", 2)))).unwrap();
    assert_damaged(load(&store, &id("step", 2), &never), "a file is missing");
}

#[test]
fn damage_is_remembered_for_readers_that_swallow_errors() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    corrupt_quietly(&root.path().join(format!("{step}.bin")));
    let mut payload = store.find(&step).unwrap().unwrap().payload(&FAST).unwrap();
    assert!(payload.refusal().is_none());
    let _ = payload.bytes();
    let damage = payload.refusal().unwrap();
    assert_eq!(damage.kind(), ErrorKind::Damaged);
    assert!(damage.to_string().contains("digest"), "{damage}");
}

#[test]
fn a_folder_that_cannot_be_written_to_can_be_read() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    sleep(SETTLED);
    // A file where the folder should be: no permission binds the administrator, who may be running this.
    fs::write(root.path().join(".persistable/verified"), "in the way").unwrap();
    for _ in 0..2 {
        assert_eq!(load(&store, &step, &with(Verification::OncePerFile)).unwrap(), Some(file("payload")));
    }
}

/// From this size on, the writer remembers.
const LARGE: usize = 4 << 20;

#[test]
fn who_persists_a_large_payload_has_verified_it() {
    for (settings, size, is_remembered) in [(SYNCED, LARGE, true), (FAST, LARGE, true), (FAST, LARGE - 1, false)] {
        let (root, store) = folder_store();
        let step = id("step", 1);
        for byte in [1, 2] {
            publish_as(&store, &step, ".bin", "raw", &Content::File(vec![byte; size]), &settings).unwrap();
            assert_eq!(bytes_read(root.path(), 1, "once"), if is_remembered { 0 } else { size as u64 });
        }
        assert_eq!(bytes_read(root.path(), 1, "always"), size as u64);
    }
}

#[test]
fn what_changes_right_after_it_was_persisted_is_noticed() {
    let (root, store) = folder_store();
    for key in 0..20 {
        let step = id("step", key);
        publish(&store, &step, &Content::File(vec![7; LARGE]));
        let file = File::options().write(true).open(root.path().join(format!("{step}.bin"))).unwrap();
        file.write_all_at(&[8], u64::from(key) * 1000).unwrap();
        assert_damaged(load(&store, &step, &with(Verification::OncePerFile)), "changed at once");
        assert_damaged(store.find(&step).unwrap().unwrap().payload(&FAST).unwrap().map(), "changed at once");
    }
}

#[test]
fn the_memory_is_what_the_specification_says() {
    let boot = fs::read("/proc/sys/kernel/random/boot_id").unwrap();
    let host = std::process::Command::new("uname").arg("-n").output().unwrap().stdout;
    for (settings, is_for_this_boot) in [(SYNCED, false), (FAST, true)] {
        let (root, store) = folder_store();
        let step = id("step", 1);
        publish_as(&store, &step, ".bin", "raw", &Content::File(vec![7; LARGE]), &settings).unwrap();
        let file = fs::metadata(root.path().join(format!("{step}.bin"))).unwrap();
        let age = SystemTime::now().duration_since(file.modified().unwrap()).unwrap();
        assert!((4..60).contains(&age.as_secs()), "{age:?}");
        let digest = store.find(&step).unwrap().unwrap().manifest().payload.digest;
        let mut hasher = blake3::Hasher::new();
        hasher.update(host.trim_ascii_end()).update(&[0]).update(digest.to_string().as_bytes());
        for number in [file.dev(), file.ino(), file.size()] {
            hasher.update(&number.to_be_bytes());
        }
        for number in [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()] {
            hasher.update(&number.to_be_bytes());
        }
        if is_for_this_boot {
            hasher.update(&boot);
        }
        let [name] = &own_entries(root.path(), "verified")[..] else { panic!("nothing was remembered") };
        let remembered = fs::read(root.path().join(".persistable/verified").join(name)).unwrap();
        assert_eq!(remembered, hasher.finalize().as_bytes());
    }
}
