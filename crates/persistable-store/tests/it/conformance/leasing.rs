//! Who may write.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use persistable_store::{Draft, ErrorKind, Keys, Lease, Wait};

use crate::kinds::{Place, everywhere};
use crate::stores::{Content, FAST, file, folder, id, lease, load, publish, publish_as, write};

everywhere! {
    a_lease_excludes_others_of_the_same_artifact_only,
    a_lease_excludes_those_who_opened_the_store_again,
    a_lease_knows_what_was_there_and_what_was_done_under_it,
    what_is_amended_by_way_of_another_value_is_replaced_and_removed,
    of_many_threads_that_ask_one_generates,
    readers_beside_writers_see_one_payload_or_the_other,
}

/// What takes longer is stuck, however slow the machine is.
const PATIENCE: Wait = Wait::AtMost(Duration::from_secs(300));

fn a_lease_excludes_others_of_the_same_artifact_only(place: &Place) {
    let store = &place.store;
    let held = lease(store, &id("step", 1)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let refused = lease(store, &id("step", 1)).unwrap_err();
            assert_eq!((refused.kind(), refused.is_retryable()), (ErrorKind::Busy, true));
            lease(store, &id("step", 2)).unwrap();
        });
    });
    drop(held);
    lease(store, &id("step", 1)).unwrap();
}

fn a_lease_excludes_those_who_opened_the_store_again(place: &Place) {
    let again = place.again();
    let held = lease(&place.store, &id("step", 1)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(lease(&again, &id("step", 1)).unwrap_err().kind(), ErrorKind::Busy));
    });
    drop(held);
    lease(&again, &id("step", 1)).unwrap();
}

fn a_lease_knows_what_was_there_and_what_was_done_under_it(place: &Place) {
    let store = &place.store;
    let found = |lease: &Lease| lease.found().unwrap().map(|artifact| artifact.manifest().commit_id.clone());
    let staged = |lease: &Lease, content: &Content| {
        let mut staging = store.stage(lease, ".bin", &FAST).unwrap();
        write(&mut staging, content).unwrap();
        staging
    };
    let step = id("step", 1);
    let held = lease(store, &step).unwrap();
    assert_eq!((found(&held), held.is_lost().unwrap()), (None, false));
    let first = store.publish(&held, staged(&held, &file("1")), Draft::new("raw", 1)).unwrap();
    assert_eq!(found(&held), Some(first.commit_id));
    drop(held);

    let held = lease(store, &step).unwrap();
    let amended = store.amend(&held, &Keys::none(), &FAST, |manifest| manifest.step_type = Some("x".into())).unwrap();
    assert_eq!(found(&held), Some(amended.commit_id));
    let second = store.publish(&held, staged(&held, &file("2")), Draft::new("raw", 1)).unwrap();
    assert_eq!(found(&held), Some(second.commit_id));
    assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("2")));
    assert!(store.remove(&held).unwrap());
    assert_eq!(found(&held), None);
    store.publish(&held, staged(&held, &file("3")), Draft::new("raw", 1)).unwrap();
    store.quarantine(&held, "a test").unwrap();
    assert_eq!(found(&held), None);
}

fn what_is_amended_by_way_of_another_value_is_replaced_and_removed(place: &Place) {
    let (store, step) = (&place.store, id("step", 1));
    // Two values of a bucket in memory are two stores.
    let again = if place.is_shared { place.again() } else { store.clone() };
    publish(store, &step, &file("1"));
    let amend = |held: &Lease, by: &persistable_store::Store| {
        by.amend(held, &Keys::none(), &FAST, |manifest| manifest.step_type = Some("x".into())).unwrap();
    };
    let held = lease(store, &step).unwrap();
    amend(&held, &again);
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, &file("2")).unwrap();
    store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
    assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("2")));
    amend(&held, &again);
    amend(&held, store);
    amend(&held, &again);
    assert!(store.remove(&held).unwrap());
    assert_eq!(load(&again, &step, &FAST).unwrap(), None);
    drop(held);
    place.assert_tidy(&step);
}

/// Each has a value of its own, looks, takes the lease, looks again, and generates what is not there.
fn of_many_threads_that_ask_one_generates(place: &Place) {
    let generated = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            let store = place.again();
            let generated = &generated;
            scope.spawn(move || {
                for key in 0..3 {
                    let step = id("step", key);
                    let held = store.lease(&step, PATIENCE, &mut |_| {}).unwrap();
                    if held.found().unwrap().is_none() {
                        generated.fetch_add(1, Ordering::Relaxed);
                        let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
                        write(&mut staging, &file(&format!("payload {key}"))).unwrap();
                        store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
                    }
                    drop(held);
                    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(file(&format!("payload {key}"))));
                }
            });
        }
    });
    assert_eq!(generated.into_inner(), 3);
    (0..3).for_each(|key| place.assert_tidy(&id("step", key)));
}

fn readers_beside_writers_see_one_payload_or_the_other(place: &Place) {
    let step = id("step", 1);
    let contents: Vec<Content> = (0..4).map(|n| folder(&[("a", &n.to_string()), ("b", &n.to_string())])).collect();
    publish(&place.store, &step, &contents[0]);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for content in contents.iter().cycle().take(12) {
                publish_as(&place.store, &step, ".bin", "raw", content, &FAST).unwrap();
            }
            is_over.store(true, Ordering::Relaxed);
        });
        for _ in 0..3 {
            let store = place.again();
            let (contents, step, is_over) = (&contents, &step, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let read = crate::stores::load_amid_replacements(&store, step, &FAST).unwrap().unwrap();
                    assert!(contents.contains(&read), "{read:?}");
                }
            });
        }
    });
    place.assert_tidy(&step);
}
