//! Tables of the process that are whole in a forked child.
//!
//! A child has the memory of its parent, but only the one thread that forked. What another thread was changing stays half
//! changed for ever, and a mutex that it had locked stays locked. So the thread that forks first locks all tables that were
//! ever used, in the order of their first use. After the fork it unlocks them, in the parent and in the child.
//!
//! That ends, because a thread that has a table never waits for what the forking thread may have, such as the lock of
//! Python's interpreter. A thread has a table over system calls at most. It never has one while it locks another, runs a
//! callback, or waits: a [`Condvar`] unlocks the table meanwhile. (A child remembers waiters that it does not have. They do
//! no harm: a wait here never lasts longer than the next look.) Only a file system that does not answer holds up a fork.
//! Code that runs in a fork itself, as other libraries' handlers do, must not come here.
//!
//! Nothing here waits for another thread to make a value "once", as the standard library's `Once`, `OnceLock` and `LazyLock` do:
//! a child that was forked meanwhile would wait for ever. [`Once`] and [`Lazy`] take their place.
//!
//! With `--cfg shuttle` nobody forks, and a table is a mutex.

mod once;
#[cfg(shuttle)]
#[path = "unforked.rs"]
mod table;
#[cfg(not(shuttle))]
mod table;

pub use once::{Lazy, Once};
pub use table::Table;

use std::time::Duration;

use crate::sync::{Condvar, Mutex, lock};

/// What is not static, but may be shared by threads, and is never left locked in a forked child either.
#[derive(Debug)]
pub struct Shared<T> {
    /// Locked in its turn only.
    content: Mutex<T>,
    changed: Condvar,
    turn: &'static Table<()>,
}

impl<T> Shared<T> {
    /// Makes what threads may share.
    pub fn new(content: T) -> Self {
        Self { content: Mutex::new(content), changed: Condvar::new(), turn: table::turn() }
    }

    /// Looks at the content or changes it, in a moment, and calls nothing that comes here again.
    pub fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        let _turn = self.turn.lock();
        act(&mut lock(&self.content))
    }

    /// Ends waits before their time.
    pub fn notify_all(&self) {
        self.changed.notify_all();
    }

    /// Waits for a notification, for `at_most` this long, if the content says that there is something to wait for.
    pub fn wait_if(&self, is_to_wait: impl FnOnce(&T) -> bool, at_most: Duration) {
        let turn = self.turn.lock();
        let is_to_wait = is_to_wait(&lock(&self.content));
        if is_to_wait {
            drop(self.changed.wait_timeout(turn, at_most));
        }
    }
}
