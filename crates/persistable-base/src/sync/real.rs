//! The standard library's.

pub use std::sync::{Condvar, Mutex, MutexGuard};

/// This process.
pub mod process {
    pub use std::process::id;
}

/// Threads.
pub mod thread {
    use std::io;

    pub use std::thread::{JoinHandle, Scope, ScopedJoinHandle, ThreadId, current, scope, sleep, spawn};

    /// Starts a thread in a scope.
    ///
    /// # Errors
    ///
    /// Those of the system, which may have no thread left.
    pub fn spawn_scoped<'scope, T: Send + 'scope>(
        scope: &'scope Scope<'scope, '_>,
        act: impl FnOnce() -> T + Send + 'scope,
    ) -> io::Result<ScopedJoinHandle<'scope, T>> {
        std::thread::Builder::new().spawn_scoped(scope, act)
    }
}
