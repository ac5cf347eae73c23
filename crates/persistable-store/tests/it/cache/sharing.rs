//! Stores, threads and processes that share a cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use persistable_store::{ErrorKind, StoreOptions};

use super::{LARGE, Place, bytes};
use crate::stores::{Content, FAST, id, load, publish};

/// The requests that it takes to read the manifest and a large payload once.
pub(super) fn reads_of_one_load() -> usize {
    1 + LARGE.div_ceil(1 << 16)
}

#[test]
fn stores_share_what_is_the_same() {
    let (one, other) = (Place::new(), Place::new());
    let content = Content::File(bytes(1, LARGE));
    publish(&one.store(), &id("step", 1), &content);
    publish(&other.store(), &id("another", 2), &content);
    load(&one.store(), &id("step", 1), &FAST).unwrap();
    let store = other.over(&StoreOptions::new().cache(one.folder()));
    let (read, reads) = other.reads_of(|| load(&store, &id("another", 2), &FAST));
    assert_eq!((read.unwrap(), reads), (Some(content), 1));
}

#[test]
fn threads_download_a_large_payload_once() {
    let place = Place::new();
    let content = Content::File(bytes(1, LARGE));
    publish(&place.store(), &id("step", 1), &content);
    let threads = 8;
    let ((), reads) = place.reads_of(|| {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                // Each as another process would: with a store of its own.
                let store = place.store();
                let content = &content;
                scope.spawn(move || assert_eq!(load(&store, &id("step", 1), &FAST).unwrap().as_ref(), Some(content)));
            }
        });
    });
    assert_eq!(reads, reads_of_one_load() + threads - 1, "each reads the manifest");
    place.assert_tidy();
}

/// Makes the folder of a download, as a process does.
fn download_of_another(place: &Place, content: &[u8]) -> (PathBuf, fs::File) {
    let digest = persistable_store::Digest::of(content).to_string();
    let folder = place.folder().join("payloads/downloads").join(&digest);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("payload"), &content[..1000]).unwrap();
    let lock = fs::File::create(folder.join("used")).unwrap();
    lock.lock().unwrap();
    (folder, lock)
}

#[test]
fn a_download_of_a_process_that_died_is_taken_over() {
    let place = Place::new();
    let content = bytes(1, LARGE);
    publish(&place.store(), &id("step", 1), &Content::File(content.clone()));
    let (_, lock) = download_of_another(&place, &content);
    drop(lock); // The system does so when a process dies.
    assert_eq!(load(&place.store(), &id("step", 1), &FAST).unwrap(), Some(Content::File(content)));
    place.assert_tidy();
}

#[test]
fn a_download_of_another_process_is_waited_for() {
    let place = Place::new();
    let content = bytes(1, LARGE);
    publish(&place.store(), &id("step", 1), &Content::File(content.clone()));
    let (folder, lock) = download_of_another(&place, &content);
    // The caller is asked while it waits, and then the other process is done.
    let entry = place.folder().join("payloads").join(&folder.file_name().unwrap().to_str().unwrap()[..2]);
    let lock = std::sync::Mutex::new(Some(lock));
    let finished = Arc::new(AtomicBool::new(false));
    let (whole, is_finished) = (content.clone(), Arc::clone(&finished));
    let finish = move || {
        if let Some(lock) = lock.lock().unwrap().take() {
            fs::write(folder.join("payload"), &whole).unwrap();
            fs::create_dir(&entry).unwrap();
            fs::rename(&folder, entry.join(folder.file_name().unwrap())).unwrap();
            drop(lock);
            is_finished.store(true, Ordering::Relaxed);
        }
        false
    };
    let store = place.over(&place.options().interrupt(finish));
    let (read, reads) = place.reads_of(|| {
        let artifact = store.find(&id("step", 1)).unwrap().unwrap();
        artifact.payload(&FAST).unwrap().bytes().unwrap().to_vec()
    });
    assert!(finished.load(Ordering::Relaxed) && read == content);
    assert_eq!(reads, 1, "only the manifest");
}

#[test]
fn a_wait_for_another_process_can_be_interrupted() {
    let place = Place::new();
    let content = bytes(1, LARGE);
    publish(&place.store(), &id("step", 1), &Content::File(content.clone()));
    let (folder, _lock) = download_of_another(&place, &content);
    let store = place.over(&place.options().interrupt(|| true));
    let artifact = store.find(&id("step", 1)).unwrap().unwrap();
    let error = artifact.payload(&FAST).unwrap().bytes().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(Path::new(&folder).exists(), "the other one goes on");
}

#[test]
fn threads_that_evict_and_damage_each_other_read_what_is_right() {
    let place = Place::new();
    let keys = 6;
    for key in 0..keys {
        publish(&place.store(), &id("step", key), &Content::File(bytes(key, LARGE)));
    }
    let limit = 2 * LARGE as u64 + (64 << 10);
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let store = place.over(&StoreOptions::new().cache(place.folder()).cache_size(limit));
            let place = &place;
            scope.spawn(move || {
                for round in 0..12_u8 {
                    let key = (round * (thread + 1) + thread) % keys;
                    let content = Content::File(bytes(key, LARGE));
                    assert_eq!(load(&store, &id("step", key), &FAST).unwrap(), Some(content));
                    if round % 3 == thread % 3
                        && let Some(entry) = place.entries().first()
                    {
                        // Another file takes the place: one that is mapped must not be written to.
                        let broken = entry.join(format!("broken{thread}"));
                        let _ = fs::write(&broken, "broken").and_then(|()| fs::rename(&broken, entry.join("payload")));
                    }
                }
            });
        }
    });
}
