//! What a process must not share with a forked child: connections, and the runtime that drives them.

use std::fmt;
use std::mem;
use std::process;
use std::sync::Arc;

use persistable_base::fork::Shared;

/// A value that each process makes for itself.
///
/// A child never drops its parent's value: a thread of the parent may be in the midst of it. It stays in the child's memory.
pub(crate) struct PerProcess<T>(Shared<Option<(u32, Arc<T>)>>);

impl<T> PerProcess<T> {
    pub(crate) fn new() -> Self {
        Self(Shared::new(None))
    }

    /// Returns this process's value, which is made if there is none.
    pub(crate) fn get<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let own = process::id();
        let known = self.0.with(|slot| match slot {
            Some((process, value)) if *process == own => Some(Arc::clone(value)),
            _ => None,
        });
        if let Some(known) = known {
            return Ok(known);
        }
        // Not under the lock: making takes a while. If another thread is faster, its value is taken.
        let made = Arc::new(make()?);
        let (value, unused) = self.0.with(|slot| match slot {
            Some((process, value)) if *process == own => (Arc::clone(value), None),
            _ => (Arc::clone(&made), slot.replace((own, made.clone()))),
        });
        forget_others(own, unused);
        Ok(value)
    }
}

/// Drops the value if it is of this process, and else leaves it where it is.
fn forget_others<T>(own: u32, value: Option<(u32, Arc<T>)>) {
    match value {
        Some((process, value)) if process != own => mem::forget(value),
        _ => {}
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        forget_others(process::id(), self.0.with(Option::take));
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerProcess")
    }
}
