//! A child of a fork may use its parent's store, and has none of its leases.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use persistable_servers::forks::in_child;
use persistable_store::{ErrorKind, Store};

use crate::fork::use_store;
use crate::kinds::{Place, everywhere_real};
use crate::stores::{FAST, file, id, lease, load};

everywhere_real! {
    children_use_the_store_while_their_parent_does,
    a_child_may_be_the_first_to_use_the_store,
    a_child_has_none_of_its_parents_leases,
}

fn children_use_the_store_while_their_parent_does(place: &Place) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for worker in 0..3 {
            let (store, is_over) = (&place.store, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    use_store(store, "worker", worker).unwrap();
                }
            });
        }
        let ended: Vec<_> = (0..5)
            .map(|fork| in_child(|| use_store(&place.store, "child", fork).is_ok()))
            // One that hung says enough, and took long.
            .take_while(Option::is_some)
            .collect();
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(ended, [Some(0); 5], "fewer: the next child hung; not 0: it failed");
    });
    if place.is_shared {
        for fork in 0..5 {
            let expected = Some(file(&format!("payload child {fork}")));
            assert_eq!(load(&place.store, &id("child", fork), &FAST).unwrap(), expected);
        }
    }
}

fn a_child_may_be_the_first_to_use_the_store(place: &Place) {
    assert_eq!(in_child(|| use_store(&place.store, "child", 1).is_ok()), Some(0));
    let expected = place.is_shared.then(|| file("payload child 1"));
    assert_eq!(load(&place.store, &id("child", 1), &FAST).unwrap(), expected);
}

fn a_child_has_none_of_its_parents_leases(place: &Place) {
    let step = id("step", 1);
    let is_busy = |store: &Store| lease(store, &step).is_err_and(|error| error.kind() == ErrorKind::Busy);
    let mut held = Some(lease(&place.store, &step).unwrap());
    let ended = in_child(|| {
        // It drops its copy, which must not end what the parent has.
        let copy = held.take().unwrap();
        let refused = place.store.stage(&copy, ".bin", &FAST).unwrap_err().kind();
        refused == ErrorKind::LeaseLost && copy.is_lost().unwrap()
    });
    assert_eq!(ended, Some(0));
    if place.is_shared {
        assert_eq!(in_child(|| is_busy(&place.store)), Some(0), "the parent has it still");
    }
    assert!(!held.as_ref().unwrap().is_lost().unwrap());
    drop(held);
    drop(lease(&place.store, &step).unwrap());
}
