//! Shuttle's, with the faults that the models have to notice.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LockResult, PoisonError};
use std::time::Duration;

use shuttle::sync::WaitTimeoutResult;

pub use shuttle::sync::{Mutex, MutexGuard};

/// A way in which a condition variable can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody is told of anything.
    LostNotification,
    /// Between unlocking and waiting there is time for a notification.
    LateWait,
}

thread_local! {
    // Of the real thread: it runs all threads of a simulation.
    static FAULT: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// Breaks the condition variables of all simulations that this real thread runs from now on.
pub fn break_in_this_thread(fault: Fault) {
    FAULT.set(Some(fault));
}

/// A condition variable. No wait ends by its time: a thread that nobody tells is stuck, and shuttle reports it.
#[derive(Debug)]
pub struct Condvar(shuttle::sync::Condvar);

impl Condvar {
    /// Makes a condition variable.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "no user needs it")]
    pub const fn new() -> Self {
        Self(shuttle::sync::Condvar::new())
    }

    /// Wakes all threads that wait.
    pub fn notify_all(&self) {
        if FAULT.get() != Some(Fault::LostNotification) {
            self.0.notify_all();
        }
    }

    /// Waits for a notification.
    ///
    /// # Errors
    ///
    /// As the standard library's.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        at_most: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let guard = if FAULT.get() == Some(Fault::LateWait) { unlocked_for_a_moment(guard) } else { guard };
        self.0.wait_timeout(guard, at_most)
    }
}

/// Unlocks the mutex, and locks it again, with time for others between.
fn unlocked_for_a_moment<T>(guard: MutexGuard<'_, T>) -> MutexGuard<'_, T> {
    let (moment, is_over) = (shuttle::sync::Condvar::new(), AtomicBool::new(false));
    shuttle::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                moment.notify_all();
                shuttle::thread::yield_now();
            }
        });
        let guard = moment.wait(guard).unwrap_or_else(PoisonError::into_inner);
        is_over.store(true, Ordering::Relaxed);
        guard
    })
}

/// The process that a thread belongs to.
pub mod process {
    use std::cell::Cell;

    shuttle::thread_local! {
        static ID: Cell<u32> = Cell::new(1);
    }

    /// Returns the id of this thread's process.
    pub fn id() -> u32 {
        ID.with(Cell::get)
    }

    /// Lets this thread, and not those that it starts, belong to another process.
    pub fn become_process(id: u32) {
        ID.with(|own| own.set(id));
    }
}

/// Threads.
pub mod thread {
    use std::io;

    pub use shuttle::thread::{JoinHandle, Scope, ScopedJoinHandle, ThreadId, current, scope, sleep, spawn};

    /// Starts a thread in a scope.
    ///
    /// # Errors
    ///
    /// None.
    pub fn spawn_scoped<'scope, T: Send + 'scope>(
        scope: &'scope Scope<'scope, '_>,
        act: impl FnOnce() -> T + Send + 'scope,
    ) -> io::Result<ScopedJoinHandle<'scope, T>> {
        Ok(scope.spawn(act))
    }
}
