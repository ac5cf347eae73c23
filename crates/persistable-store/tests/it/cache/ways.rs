//! The ways to read a payload, and how many requests they take.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use persistable_objects::{Fetched, Got, Memory, Objects, Version};
use persistable_store::{PayloadBytes, PrivateBytes, StoreOptions, StoredPayload};

use super::{LARGE, Place, bytes};
use crate::stores::{Content, FAST, file, folder, id, load, publish};

fn contents() -> Vec<(&'static str, Content)> {
    let mut deep: BTreeMap<String, Vec<u8>> =
        (0..20_u8).map(|n| (format!("part/{}/{n}", n % 3), bytes(n, 1000 * usize::from(n)))).collect();
    deep.insert("large".into(), bytes(3, LARGE));
    vec![
        ("empty", file("")),
        ("small", file("payload")),
        ("large", Content::File(bytes(1, LARGE))),
        ("folder", folder(&[("a", "one"), ("b/c", "two"), ("b/d", "")])),
        ("large_folder", Content::Folder(deep)),
    ]
}

#[test]
fn a_payload_is_the_same_in_all_ways_with_and_without_a_cache() {
    let place = Place::new();
    for (name, content) in contents() {
        publish(&place.store(), &id(name, 1), &content);
        for store in [place.store(), place.store(), place.store_without_cache()] {
            assert_eq!(load(&store, &id(name, 1), &FAST).unwrap().as_ref(), Some(&content), "{name}");
        }
        place.assert_tidy();
    }
    assert_eq!(place.entries().len(), contents().len());
}

type Read = fn(&mut StoredPayload) -> Vec<u8>;

/// Each way to read a payload of one file.
const WAYS: [(&str, Read); 4] = [
    ("bytes", |payload| payload.bytes().unwrap().to_vec()),
    ("map", |payload| payload.map().unwrap().to_vec()),
    ("map_private", |payload| payload.map_private().unwrap().to_vec()),
    ("path", |payload| std::fs::read(payload.path().unwrap()).unwrap()),
];

#[test]
fn a_hit_takes_two_reads_and_one_if_the_payload_is_cached() {
    for (way, read) in WAYS {
        let place = Place::new();
        let content = bytes(7, 1000);
        publish(&place.store(), &id("step", 1), &Content::File(content.clone()));
        let hit = |store: &persistable_store::Store| {
            let artifact = store.find(&id("step", 1)).unwrap().unwrap();
            let mut payload = artifact.payload(&FAST).unwrap();
            let read = read(&mut payload);
            // What is read by a path that others may replace is looked at once more.
            assert!(!payload.is_read_by_path());
            read
        };
        for (store, expected) in [(place.store_without_cache(), 2), (place.store(), 2), (place.store(), 1)] {
            let (read, reads) = place.reads_of(|| hit(&store));
            assert_eq!((read, reads), (content.clone(), expected), "{way}");
        }
    }
}

#[test]
fn a_large_payload_is_mapped_where_it_lies_in_the_cache() {
    let place = Place::new();
    publish(&place.store(), &id("step", 1), &Content::File(bytes(1, LARGE)));
    for store in [place.store(), place.store(), place.store_without_cache()] {
        let artifact = store.find(&id("step", 1)).unwrap().unwrap();
        let mut payload = artifact.payload(&FAST).unwrap();
        assert!(matches!(payload.bytes().unwrap(), PayloadBytes::Mapped(_)));
        assert!(matches!(payload.map().unwrap(), PayloadBytes::Mapped(_)));
        let mut private = payload.map_private().unwrap();
        assert!(matches!(private, PrivateBytes::Mapped(_)));
        private[0] ^= 1;
        assert_eq!(*payload.bytes().unwrap(), *bytes(1, LARGE), "the cache did not change");
    }
}

#[test]
fn a_path_has_the_name_of_the_payload_and_ends_with_its_store() {
    let place = Place::new();
    publish(&place.store(), &id("step", 1), &file("payload"));
    for store in [place.store(), place.store(), place.store_without_cache()] {
        let artifact = store.find(&id("step", 1)).unwrap().unwrap();
        let mut payload = artifact.payload(&FAST).unwrap();
        let path = payload.path().unwrap().to_owned();
        assert_eq!(path.file_name().unwrap().to_str(), Some(payload.record().file.as_str()));
        assert_eq!(path.extension().unwrap(), "bin");
        assert_eq!(payload.path().unwrap(), path, "it stays the same");
        drop((payload, artifact, store));
        assert!(!path.exists());
    }
    place.assert_tidy();
}

/// Objects whose payloads are sent only once so many are asked for at the same time.
#[derive(Debug)]
pub(super) struct Meeting {
    objects: Memory,
    together: usize,
    waiting: Mutex<usize>,
    changed: Condvar,
}

impl Meeting {
    fn wait(&self, name: &str) {
        if name.ends_with(".json") {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap();
        *waiting += 1;
        self.changed.notify_all();
        let (waiting, timeout) = self
            .changed
            .wait_timeout_while(waiting, Duration::from_secs(60), |waiting| *waiting < self.together)
            .unwrap();
        assert!(!timeout.timed_out(), "only {waiting} payloads were asked for at the same time");
    }
}

impl persistable_objects::Over for Meeting {
    fn below(&self) -> &dyn Objects {
        &self.objects
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> persistable_objects::Result<Got> {
        self.wait(name);
        self.below().get(name, unless)
    }

    fn get_range(&self, name: &str, range: std::ops::Range<u64>) -> persistable_objects::Result<Option<Vec<u8>>> {
        self.wait(name);
        self.below().get_range(name, range)
    }

    fn fetch(&self, name: &str, to: &std::fs::File) -> persistable_objects::Result<Option<Fetched>> {
        self.wait(name);
        self.below().fetch(name, to)
    }
}

pub(super) fn meeting(place: &Place, together: usize) -> Arc<Meeting> {
    Arc::new(Meeting { objects: place.objects.clone(), together, waiting: Mutex::new(0), changed: Condvar::new() })
}

#[test]
fn payloads_load_concurrently_from_several_threads() {
    for length in [10, LARGE] {
        let place = Place::new();
        for key in 0..4 {
            publish(&place.store(), &id("step", key), &Content::File(bytes(key, length)));
        }
        let store = StoreOptions::new().cache(place.folder()).over(meeting(&place, 4)).unwrap();
        std::thread::scope(|scope| {
            for key in 0..4 {
                let store = &store;
                scope.spawn(move || {
                    let artifact = store.find(&id("step", key)).unwrap().unwrap();
                    let read = artifact.payload(&FAST).unwrap().bytes().unwrap().to_vec();
                    assert_eq!(read, bytes(key, length));
                });
            }
        });
    }
}

#[test]
fn the_files_of_a_folder_come_concurrently() {
    let place = Place::new();
    let content = folder(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
    publish(&place.store(), &id("step", 1), &content);
    let store = StoreOptions::new().without_cache().over(meeting(&place, 4)).unwrap();
    assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(content));
}

#[test]
fn a_small_payload_that_is_read_by_its_path_again_needs_no_new_link() {
    let place = Place::new();
    let store = place.store();
    for (key, size) in [(1, 1000), (2, LARGE)] {
        publish(&store, &id("step", key), &Content::File(bytes(key, size)));
    }
    let path_of = |key: u8, size: usize| {
        let artifact = store.find(&id("step", key)).unwrap().unwrap();
        let mut payload = artifact.payload(&FAST).unwrap();
        let path = payload.path().unwrap().to_owned();
        assert_eq!(std::fs::read(&path).unwrap(), bytes(key, size));
        path
    };
    assert_eq!(path_of(1, 1000), path_of(1, 1000));
    assert!(!path_of(2, LARGE).exists(), "a large one is not kept");
    // What was kept does not count if it is not what was committed any more, or is gone.
    let kept = path_of(1, 1000);
    std::fs::write(&kept, "damaged").unwrap();
    let anew = path_of(1, 1000);
    std::fs::remove_file(anew).unwrap();
    path_of(1, 1000);
    std::fs::remove_dir_all(place.folder()).unwrap();
    path_of(1, 1000);
}

#[test]
fn not_more_than_some_links_are_kept() {
    let place = Place::new();
    let store = place.store();
    for key in 0..100 {
        publish(&store, &id("step", key), &Content::File(bytes(key, 100)));
        let artifact = store.find(&id("step", key)).unwrap().unwrap();
        artifact.payload(&FAST).unwrap().path().unwrap();
    }
    place.assert_tidy();
}
