//! Statics that are made anew in each run, and of which each process has its own.

use std::collections::BTreeMap;
use std::sync::{LockResult, Mutex};
use std::time::Duration;

use shuttle::sync::{MutexGuard, WaitTimeoutResult};

use super::{process_id, run};

#[derive(Debug)]
pub(crate) struct PerProcess<T: 'static> {
    /// By run and process.
    values: Mutex<BTreeMap<(u64, u32), &'static T>>,
    make: fn() -> T,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new(make: fn() -> T) -> Self {
        Self { values: Mutex::new(BTreeMap::new()), make }
    }

    pub(crate) fn get(&self) -> &'static T {
        self.get_of(process_id())
    }

    /// Returns what all processes of the run share.
    pub(crate) fn get_shared(&self) -> &'static T {
        self.get_of(0)
    }

    fn get_of(&self, process: u32) -> &'static T {
        let mut values = self.values.lock().unwrap();
        values.entry((run(), process)).or_insert_with(|| Box::leak(Box::new((self.make)())))
    }
}

/// A condition variable as the standard library's, which may be a static. No wait ends by its time: what ends only by that is
/// stuck here.
#[derive(Debug)]
pub(crate) struct Condvar(PerProcess<shuttle::sync::Condvar>);

impl Condvar {
    pub(crate) const fn new() -> Self {
        Self(PerProcess::new(shuttle::sync::Condvar::new))
    }

    pub(crate) fn notify_all(&self) {
        self.0.get().notify_all();
    }

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        at_most: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        self.0.get().wait_timeout(guard, at_most)
    }
}
