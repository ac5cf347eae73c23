//! Writes that happened although their answer was lost, and what others do before the second look.

use std::fmt;
use std::sync::{Arc, Mutex};

use persistable_objects::{Error, ErrorKind, Memory, Objects, Only, Put};
use persistable_store::{Keys, Wait};

use crate::protocol::{World, is_busy, publish_under};
use crate::stores::{FAST, file, id, lease, load};

type Act = Box<dyn FnOnce() + Send>;

/// Objects where, once, something happens after a write and before its answer is known.
struct After {
    memory: Memory,
    part: &'static str,
    act: Arc<Mutex<Option<Act>>>,
    /// Whether the write is sent again afterwards. Otherwise its outcome stays unknown.
    is_sent_again: bool,
}

impl fmt::Debug for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("After")
    }
}

impl persistable_objects::Over for After {
    fn below(&self) -> &dyn Objects {
        &self.memory
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> persistable_objects::Result<Put> {
        let act = if name.contains(self.part) { self.act.lock().unwrap().take() } else { None };
        let Some(act) = act else { return self.below().put(name, bytes, only) };
        assert!(matches!(self.below().put(name, bytes, only)?, Put::Done(_)));
        act();
        match self.is_sent_again {
            true => self.below().put(name, bytes, only),
            false => Err(Error::new(ErrorKind::Unavailable, "no answer").outcome_unknown(true)),
        }
    }
}

#[test]
fn a_commit_that_another_has_amended_before_its_answer_was_known_keeps_its_payload() {
    let step = id("step", 1);
    let world = Arc::new(World::new(Memory::new()));
    let other = world.machine();
    let amend = {
        let (world, step) = (Arc::clone(&world), step.clone());
        move || {
            assert!(is_busy(&other));
            world.pass(31);
            let held = lease(&other.store, &step).unwrap();
            let amended =
                other.store.amend(&held, &Keys::none(), &FAST, |manifest| manifest.step_type = Some("another".into()));
            amended.unwrap();
        }
    };
    let act: Act = Box::new(amend);
    let objects = After {
        memory: world.objects.clone(),
        part: ".manifest.json",
        act: Arc::new(Mutex::new(Some(act))),
        is_sent_again: true,
    };
    let one = world.machine_over(objects);
    let held = lease(&one.store, &step).unwrap();
    let _ = publish_under(&one.store, &held, &file("payload"));
    drop(held);
    assert_eq!(load(&world.machine().store, &step, &FAST).unwrap(), Some(file("payload")));
}

#[test]
fn a_renewal_whose_answer_was_lost_loses_no_lease() {
    let step = id("step", 1);
    let world = World::new(Memory::new());
    let act = Arc::new(Mutex::new(None));
    let objects =
        After { memory: world.objects.clone(), part: "/leases/", act: Arc::clone(&act), is_sent_again: false };
    let (one, other) = (world.machine_over(objects), world.machine());
    let lose_next_answer = || *act.lock().unwrap() = Some(Box::new(|| {}) as Act);
    let held = lease(&one.store, &step).unwrap();
    for _ in 0..3 {
        lose_next_answer();
        one.remote.renew().unwrap_err();
        assert!(is_busy(&other));
        world.pass(29);
        one.remote.renew().unwrap();
        assert!(is_busy(&other), "it was renewed");
        world.pass(29);
        assert!(is_busy(&other), "it was renewed");
    }
    lose_next_answer();
    one.remote.renew().unwrap_err();
    drop(held);
    let wait = other.store.lease(&step, Wait::NOT_AT_ALL, &mut |_| {});
    assert!(wait.is_ok(), "it was given back");
}
