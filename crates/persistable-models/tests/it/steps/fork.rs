//! What the part of the store's `fork.rs` that is compiled here has of the other parts.

pub(crate) use std::sync::LazyLock as Lazy;
pub(crate) use std::sync::PoisonError;
pub(crate) use std::sync::atomic::{AtomicUsize, Ordering};
pub(crate) use std::time::Duration;

pub(crate) use shuttle::sync::{Mutex, MutexGuard};

use super::statics::PerProcess;
pub(crate) use super::sync::Condvar;

/// A table, of which each process has its own.
#[derive(Debug)]
pub(crate) struct Table<T: Send + Default + 'static>(PerProcess<Mutex<T>>);

impl<T: Send + Default> Table<T> {
    pub(crate) const fn new(empty: T) -> Self {
        // A destructor can't run in a constant.
        std::mem::forget(empty);
        Self(PerProcess::new(Mutex::<T>::default))
    }

    pub(crate) fn lock(&'static self) -> MutexGuard<'static, T> {
        lock(self.0.get())
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
