//! Tables where nobody forks. Each is to be made within a run of shuttle, and used in that run only.

use crate::sync::{Mutex, MutexGuard, lock};

/// A mutex.
#[derive(Debug)]
pub struct Table<T>(Mutex<T>);

impl<T: Send> Table<T> {
    /// Makes a table.
    #[must_use]
    pub const fn new(content: T) -> Self {
        Self(Mutex::new(content))
    }

    /// Locks the table.
    pub fn lock(&'static self) -> MutexGuard<'static, T> {
        lock(&self.0)
    }
}

/// Returns the turn of a [`Shared`](super::Shared): each has its own, so that none is used in two runs.
pub(super) fn turn() -> &'static Table<()> {
    Box::leak(Box::new(Table::new(())))
}

/// Returns what a thread has while it puts a value into a [`Once`](super::Once): nothing, for no other thread of the run comes
/// between.
pub(super) fn putting() -> impl Sized {}
