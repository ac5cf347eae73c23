//! Stores without all conditions, such as SFTP servers: numbers that are used again, and replacements that nobody fences.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use persistable_objects::{Can, Memory, Objects, Only, Put, Replace};
use persistable_store::ErrorKind;

use crate::protocol::{World, is_busy, publish_under};
use crate::stores::{FAST, file, folder, id, lease, load, publish};

fn unfenced() -> [Memory; 2] {
    [Memory::which_can(Can { create: true, replace: Replace::No }), Memory::which_can(Can::default())]
}

/// Objects, with something that happens before a manifest is put.
struct Before {
    memory: Memory,
    act: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Before {
    fn the_manifest(memory: &Memory, act: impl FnOnce() + Send + 'static) -> Self {
        Self { memory: memory.clone(), act: Mutex::new(Some(Box::new(act))) }
    }
}

impl fmt::Debug for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Before")
    }
}

impl persistable_objects::Over for Before {
    fn below(&self) -> &dyn Objects {
        &self.memory
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> persistable_objects::Result<Put> {
        if name.ends_with(".manifest.json") {
            let act = self.act.lock().unwrap().take();
            act.into_iter().for_each(|act| act());
        }
        self.below().put(name, bytes, only)
    }
}

#[test]
fn a_holder_that_wakes_takes_no_lease_of_another_for_its_own() {
    let step = id("step", 1);
    for objects in unfenced() {
        let world = World::new(objects);
        let (sleeper, successor, third) = (world.machine(), world.machine(), world.machine());
        let slept = lease(&sleeper.store, &step).unwrap();
        assert!(is_busy(&successor));
        world.pass(31);
        publish(&successor.store, &step, &file("the successor's"));
        // Nobody needs a number by now, so they begin anew.
        let held = lease(&third.store, &step).unwrap();
        assert!(slept.is_lost().unwrap());
        sleeper.remote.renew().unwrap();
        assert!(!held.is_lost().unwrap(), "a renewal has written over it");
        let error = publish_under(&sleeper.store, &slept, &file("the sleeper's")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LeaseLost, "{error}");
        drop(slept);
        assert!(!held.is_lost().unwrap(), "what the sleeper let go of was not its own");
        publish_under(&third.store, &held, &file("the third's")).unwrap();
        drop(held);
        assert_eq!(load(&third.store, &step, &FAST).unwrap(), Some(file("the third's")));
        assert_eq!(world.names().len(), 2, "{:?}", world.names());
    }
}

#[test]
fn a_replacement_loses_no_payload_to_a_successor_that_committed_meanwhile() {
    let step = id("step", 1);
    for (objects, is_first) in
        unfenced().into_iter().map(|objects| (objects, false)).chain([(unfenced()[1].clone(), true)])
    {
        for content in [file("the sleeper's"), folder(&[("a", "1"), ("b/c", "2")])] {
            let world = std::sync::Arc::new(World::new(objects.clone()));
            let successor = world.machine();
            if !is_first {
                publish(&successor.store, &step, &file("before"));
            }
            let meanwhile = {
                let (world, step) = (std::sync::Arc::clone(&world), step.clone());
                move || {
                    // Some other machine waited long enough.
                    assert!(is_busy(&successor));
                    world.pass(31);
                    publish(&successor.store, &step, &file("the successor's"));
                }
            };
            let sleeper = world.machine_over(Before::the_manifest(&world.objects, meanwhile));
            let slept = lease(&sleeper.store, &step).unwrap();
            publish_under(&sleeper.store, &slept, &content).unwrap();
            drop(slept);
            let next = world.machine();
            assert_eq!(load(&next.store, &step, &FAST).unwrap().as_ref(), Some(&content));
            // The successor's payload is left, and so is its lease, which the next holder takes.
            let taken = next.store.lease(&step, persistable_store::Wait::AtMost(Duration::from_secs(1)), &mut |_| {});
            publish_under(&next.store, &taken.unwrap(), &file("the next")).unwrap();
            assert_eq!(load(&next.store, &step, &FAST).unwrap(), Some(file("the next")));
            next.store.remove(&lease(&next.store, &step).unwrap()).unwrap();
        }
    }
}
