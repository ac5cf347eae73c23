//! Threads, mutexes and condition variables: those of the standard library, or with `--cfg shuttle` those of
//! [shuttle](https://docs.rs/shuttle), with which `persistable-models` checks the code over its interleavings.
//!
//! What is made of these must not be static where shuttle is to check it: shuttle runs the code many times, and nothing of
//! one run may be left in the next. Atomics on which no protocol depends can be the standard library's.

#[cfg(not(shuttle))]
mod real;
#[cfg(shuttle)]
mod simulated;

pub use std::sync::{Arc, PoisonError};

#[cfg(not(shuttle))]
pub use real::{Condvar, Mutex, MutexGuard, process, thread};
#[cfg(shuttle)]
pub use simulated::{Condvar, Fault, Mutex, MutexGuard, break_in_this_thread, process, thread};

/// Locks a mutex that nothing leaves half changed when it panics.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
