//! How large the cache gets, and what goes first.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use persistable_store::StoreOptions;

use super::{LARGE, Place, bytes};
use crate::stores::{Content, FAST, file, id, load, publish};

fn bytes_in(folder: &Path) -> u64 {
    super::list(folder)
        .iter()
        .map(|path| if path.is_dir() { bytes_in(path) } else { path.metadata().unwrap().len() })
        .sum()
}

/// Says that an entry was used so long ago.
fn age(entry: &Path, seconds: u64) {
    let used = fs::File::options().create(true).append(true).open(entry.join("used")).unwrap();
    used.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

#[test]
fn the_cache_stays_below_its_size() {
    let place = Place::new();
    let limit = 4 * LARGE as u64;
    let store = place.over(&StoreOptions::new().cache(place.folder()).cache_size(limit));
    for key in 0..12 {
        let content = Content::File(bytes(key, LARGE));
        publish(&store, &id("step", key), &content);
        assert_eq!(load(&store, &id("step", key), &FAST).unwrap(), Some(content));
        assert!(bytes_in(&place.folder()) <= limit, "after {key}");
    }
    assert!(place.entries().len() >= 2, "it is used all the same");
    place.assert_tidy();
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let place = Place::new();
    let limit = 4 * LARGE as u64;
    let store = place.over(&StoreOptions::new().cache(place.folder()).cache_size(limit));
    let content = |key| Content::File(bytes(key, LARGE));
    let mut entries = Vec::new();
    for key in 0..3 {
        publish(&store, &id("step", key), &content(key));
        load(&store, &id("step", key), &FAST).unwrap();
        let entry = place.entries().into_iter().find(|entry| !entries.contains(entry)).unwrap();
        age(&entry, 1000 - u64::from(key));
        entries.push(entry);
    }
    // The oldest one is used.
    load(&store, &id("step", 0), &FAST).unwrap();
    publish(&store, &id("step", 3), &content(3));
    load(&store, &id("step", 3), &FAST).unwrap();
    let is_there: Vec<bool> = entries.iter().map(|entry| entry.exists()).collect();
    assert_eq!(is_there, [true, false, true]);
}

#[test]
fn what_is_larger_than_the_cache_is_read_without_it() {
    let place = Place::new();
    let store = place.over(&StoreOptions::new().cache(place.folder()).cache_size(1000));
    for content in [Content::File(bytes(1, LARGE)), Content::File(bytes(2, 2000)), file("small")] {
        publish(&store, &id("step", 1), &content);
        assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(content));
    }
    assert!(place.entries().len() <= 1);
    place.assert_tidy();
}

#[test]
fn a_reader_whose_entry_is_evicted_reads_on_or_downloads_again() {
    let place = Place::new();
    let content = bytes(1, LARGE);
    publish(&place.store(), &id("step", 1), &Content::File(content.clone()));
    let store = place.store();
    let artifact = store.find(&id("step", 1)).unwrap().unwrap();
    let mut payload = artifact.payload(&FAST).unwrap();
    let mapped = payload.map().unwrap();
    let path = payload.path().unwrap().to_owned();
    fs::remove_dir_all(place.entry()).unwrap();
    assert_eq!(*mapped, *content, "a mapped file outlives its entry");
    assert_eq!(fs::read(path).unwrap(), content, "and so does a path");
    assert_eq!(*payload.bytes().unwrap(), *content, "it is downloaded again");
    assert!(place.entry().exists());
}

#[test]
fn what_killed_processes_left_is_swept() {
    let place = Place::new();
    let limit = 4 * LARGE as u64;
    let store = place.over(&StoreOptions::new().cache(place.folder()).cache_size(limit));
    let inner = place.folder().join("payloads");
    for (folder, lock) in [("downloads/dead", "used"), ("loans/dead", "lock")] {
        fs::create_dir_all(inner.join(folder)).unwrap();
        fs::write(inner.join(folder).join(lock), "").unwrap();
        fs::write(inner.join(folder).join("payload"), bytes(0, LARGE)).unwrap();
    }
    fs::create_dir_all(inner.join("trash/dead")).unwrap();
    // Somebody who is alive has this one.
    fs::create_dir_all(inner.join("downloads/alive")).unwrap();
    let lock = fs::File::create(inner.join("downloads/alive/used")).unwrap();
    lock.lock().unwrap();
    for key in 0..6 {
        publish(&store, &id("step", key), &Content::File(bytes(key, LARGE)));
        load(&store, &id("step", key), &FAST).unwrap();
    }
    assert!(inner.join("downloads/alive").exists());
    drop(lock);
    fs::remove_dir_all(inner.join("downloads/alive")).unwrap();
    place.assert_tidy();
}
