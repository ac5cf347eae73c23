//! Leases that are renewed while other renewals hang.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use persistable_objects::{Memory, Objects, Only, Put};
use persistable_store::{Remote, RemoteSettings, Store};

use crate::stores::{id, lease};

/// Objects of which some can't be put for a while.
struct Gated {
    memory: Memory,
    location: &'static str,
    /// Objects with this in their names wait until they may be put.
    stuck: &'static str,
    gate: Arc<Gate>,
    /// How often other objects were put while the gate was shut.
    passed: Arc<AtomicUsize>,
}

#[derive(Default)]
struct Gate {
    is_shut: Mutex<bool>,
    changed: Condvar,
    is_somebody_there: AtomicBool,
}

impl Gate {
    fn set(&self, is_shut: bool) {
        *self.is_shut.lock().unwrap() = is_shut;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let mut is_shut = self.is_shut.lock().unwrap();
        while *is_shut {
            self.is_somebody_there.store(true, Ordering::SeqCst);
            is_shut = self.changed.wait(is_shut).unwrap();
        }
    }
}

impl fmt::Debug for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gated")
    }
}

impl persistable_objects::Over for Gated {
    fn below(&self) -> &dyn Objects {
        &self.memory
    }

    fn location(&self) -> &str {
        self.location
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> persistable_objects::Result<Put> {
        if name.contains(self.stuck) {
            self.gate.pass();
        } else if self.gate.is_somebody_there.load(Ordering::SeqCst) {
            self.passed.fetch_add(1, Ordering::SeqCst);
        }
        self.below().put(name, bytes, only)
    }
}

struct World {
    gate: Arc<Gate>,
    passed: Arc<AtomicUsize>,
}

impl World {
    fn new() -> Self {
        Self { gate: Arc::default(), passed: Arc::default() }
    }

    fn store(&self, location: &'static str, stuck: &'static str) -> Store {
        let (gate, passed) = (Arc::clone(&self.gate), Arc::clone(&self.passed));
        let objects = Gated { memory: Memory::new(), location, stuck, gate, passed };
        let mut settings = RemoteSettings::default();
        settings.lease_time = Duration::from_millis(150);
        Store::over(Remote::new(Arc::new(objects), settings))
    }

    /// Shuts the gate, and waits until the other leases were renewed several times.
    fn others_are_renewed(&self) {
        self.gate.set(true);
        let begin = Instant::now();
        while self.passed.load(Ordering::SeqCst) < 5 && begin.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let passed = self.passed.load(Ordering::SeqCst);
        self.gate.set(false);
        assert!(passed >= 5, "{passed} renewals came through");
    }
}

#[test]
fn a_renewal_that_hangs_delays_no_other_of_the_same_store() {
    let world = World::new();
    let store = world.store("gated://one", "stuck");
    let _held = [lease(&store, &id("stuck", 1)).unwrap(), lease(&store, &id("step", 2)).unwrap()];
    world.others_are_renewed();
}

#[test]
fn a_store_that_does_not_answer_delays_no_renewal_of_another() {
    let world = World::new();
    let (stuck, other) = (world.store("gated://stuck", "stuck"), world.store("gated://other", "nothing"));
    let _held: Vec<_> = (0..20).map(|key| lease(&stuck, &id("stuck", key)).unwrap()).collect();
    let _other = lease(&other, &id("step", 1)).unwrap();
    world.others_are_renewed();
}
