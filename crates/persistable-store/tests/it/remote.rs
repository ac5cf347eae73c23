//! Stores of objects: what is particular to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;
use std::time::Duration;

use persistable_objects::{Memory, Objects as _, Verb};
use persistable_servers::forks::in_child;
use persistable_store::{Listed, Remote, RemoteSettings, Store};

use crate::fork::use_store;
use crate::stores::{FAST, file, folder, id, lease, load, publish, publish_as, write};

fn store(objects: &Memory) -> Store {
    Store::over(Remote::new(Arc::new(objects.clone()), RemoteSettings::default()))
}

fn names(objects: &Memory) -> Vec<String> {
    let mut names = Vec::new();
    objects
        .list("", None, &mut |entries| {
            names.extend(entries.into_iter().map(|entry| entry.name));
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    names
}

#[test]
fn what_is_published_is_found_and_read() {
    let objects = Memory::new();
    let store = store(&objects);
    for (key, content) in [(1, file("payload")), (2, folder(&[("a", "1"), ("deep/er/b", "2")])), (3, folder(&[]))] {
        publish(&store, &id("step", key), &content);
        assert_eq!(load(&store, &id("step", key), &FAST).unwrap(), Some(content));
    }
}

#[test]
fn a_small_payload_costs_four_puts_and_two_gets() {
    let objects = Memory::new();
    let store = store(&objects);
    let step = id("step", 1);
    assert!(store.find(&step).unwrap().is_none());
    assert_eq!(objects.requests(Verb::Get), 1, "a miss is one request");
    publish(&store, &step, &file("payload"));
    assert_eq!((objects.requests(Verb::Put), objects.requests(Verb::Get)), (4, 2));
    assert_eq!((objects.requests(Verb::List), objects.requests(Verb::Delete)), (0, 0));
    let artifact = store.find(&step).unwrap().unwrap();
    artifact.payload(&FAST).unwrap().bytes().unwrap();
    assert_eq!(objects.requests(Verb::Get), 4, "a hit is two requests");
}

#[test]
fn what_is_listed_is_loaded_with_one_more_request() {
    let objects = Memory::new();
    let store = store(&objects);
    // More than are asked for at the same time.
    let steps: Vec<_> = (0..100).map(|key| id("step", key)).collect();
    for step in &steps {
        publish(&store, step, &file("payload"));
    }
    let gets = objects.requests(Verb::Get);
    let listed = store.artifacts().map(|listed| match listed.unwrap() {
        Listed::Whole(artifact) => artifact,
        Listed::Unusable { stem, error } => panic!("{stem}: {error}"),
    });
    let listed: Vec<_> = listed.collect();
    assert_eq!(listed.iter().map(|artifact| artifact.id().clone()).collect::<Vec<_>>(), steps, "in order");
    assert_eq!(objects.requests(Verb::Get) - gets, 100);
    for artifact in listed {
        assert_eq!(&*artifact.payload(&FAST).unwrap().bytes().unwrap(), b"payload");
    }
    assert_eq!(objects.requests(Verb::Get) - gets, 200);
}

#[test]
fn a_replaced_payload_is_deleted_and_nothing_else_is_left() {
    let objects = Memory::new();
    let store = store(&objects);
    let step = id("step", 1);
    publish_as(&store, &step, ".zarr", "zarr", &folder(&[("a", "1"), ("b/c", "2")]), &FAST).unwrap();
    publish(&store, &step, &file("another"));
    let names = names(&objects);
    assert_eq!(names.len(), 3, "{names:?}");
    let [lease, manifest, payload] = &names[..] else { panic!("{names:?}") };
    assert_eq!(*lease, format!(".persistable/leases/{step}"));
    assert_eq!(*manifest, format!("{step}.manifest.json"));
    assert!(payload.starts_with(&format!("{step}~")) && payload.ends_with(".bin"), "{payload}");
}

#[test]
fn a_removed_artifact_leaves_a_tombstone_that_the_next_one_replaces() {
    let objects = Memory::new();
    let store = store(&objects);
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    assert!(store.remove(&lease(&store, &step).unwrap()).unwrap());
    assert!(!store.remove(&lease(&store, &step).unwrap()).unwrap());
    assert!(store.find(&step).unwrap().is_none());
    assert_eq!(store.artifacts().count(), 0);
    assert_eq!(names(&objects).len(), 2, "{:?}", names(&objects));
    publish(&store, &step, &file("again"));
    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(file("again")));
}

#[test]
fn another_process_is_told_who_has_the_lease() {
    let objects = Memory::new();
    let (one, other) = (store(&objects), store(&objects));
    let step = id("step", 1);
    let held = lease(&one, &step).unwrap();
    let error = lease(&other, &step).unwrap_err().to_string();
    assert!(error.contains(&format!("held by process {}", std::process::id())), "{error}");
    let mut staging = one.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, &file("payload")).unwrap();
    drop((held, staging));
    lease(&other, &step).unwrap();
}

#[test]
fn a_child_forked_amid_leases_and_renewals_can_lease_publish_and_load() {
    const FORKS: u8 = 40;
    let mut settings = RemoteSettings::default();
    settings.lease_time = Duration::from_millis(30); // Renewals are all the time.
    let store = Store::over(Remote::new(Arc::new(Memory::new()), settings));
    let is_done = AtomicBool::new(false);
    let ended: Vec<Option<i32>> = scope(|scope| {
        for worker in 0..4 {
            let (store, is_done) = (&store, &is_done);
            scope.spawn(move || {
                while !is_done.load(Ordering::Relaxed) {
                    use_store(store, "worker", worker).unwrap();
                }
            });
        }
        let held = lease(&store, &id("parent", 1)).unwrap();
        let child = |fork| {
            // What the parent has, it has not.
            let is_lost = held.is_lost().unwrap();
            is_lost && use_store(&store, "child", fork).is_ok()
        };
        let ended = (0..FORKS).map(|fork| in_child(|| child(fork))).take_while(Option::is_some).collect();
        is_done.store(true, Ordering::Relaxed);
        ended
    });
    assert_eq!(ended, vec![Some(0); FORKS.into()], "fewer: the next child hung; not 0: it failed");
}
