//! Locks between the threads of a process, which exclude each other before any of them asks the store.

use std::collections::BTreeMap;
use std::time::Duration;

use persistable_base::fork::Table;
use persistable_base::sync::thread::{self, ThreadId};
use persistable_base::sync::{Condvar, PoisonError, process};

use crate::error::{Error, ErrorKind, Result};
use crate::location::Identity;
use crate::patience::{Holder, Patience, pause_for};

/// The end of a wait is notified. So often a waiting thread asks whether to wait on.
const NOTIFIED_PAUSE: Duration = Duration::from_millis(50);

type Locked = (Identity, String);

/// Which thread of a process has which artifact.
///
/// An entry of another process id was copied by a fork, and its thread does not exist here.
#[derive(Debug)]
pub(crate) struct ThreadLocks {
    table: Table<BTreeMap<Locked, (u32, ThreadId)>>,
    /// Told when a lock ends.
    ended: Condvar,
}

impl ThreadLocks {
    pub(crate) const fn new() -> Self {
        Self { table: Table::new(BTreeMap::new()), ended: Condvar::new() }
    }

    /// Takes the right to an artifact of a store, waiting as long as patience lasts. Tells also whether another thread had
    /// it.
    pub(crate) fn acquire(
        &'static self,
        identity: Identity,
        stem: &str,
        patience: &mut Patience<'_>,
    ) -> Result<(ThreadLock, bool)> {
        let locked = (identity, stem.to_owned());
        let process = process::id();
        let thread = thread::current().id();
        let mut has_waited = false;
        let mut table = self.table.lock();
        loop {
            match table.get(&locked) {
                Some((holder, other)) if *holder == process => {
                    if *other == thread {
                        return Err(Error::new(
                            ErrorKind::Busy,
                            "this very thread is generating it, and a generation must not ask for its own result",
                        ));
                    }
                    let other = *other;
                    // Callbacks run without the table, which they may need themselves.
                    drop(table);
                    let holder = Holder::new(format!("{other:?} of this process ({process})"));
                    let pause = pause_for(patience, NOTIFIED_PAUSE, &holder)?;
                    has_waited = true;
                    table = self.table.lock();
                    if table.contains_key(&locked) {
                        table = self.ended.wait_timeout(table, pause).unwrap_or_else(PoisonError::into_inner).0;
                    }
                }
                _ => {
                    table.insert(locked.clone(), (process, thread));
                    return Ok((ThreadLock { thread_locks: self, locked, process }, has_waited));
                }
            }
        }
    }
}

/// Excludes the other threads of the process from an artifact, until it is dropped.
#[derive(Debug)]
pub(crate) struct ThreadLock {
    thread_locks: &'static ThreadLocks,
    locked: Locked,
    process: u32,
}

impl ThreadLock {
    /// Returns the store.
    pub(crate) fn identity(&self) -> Identity {
        self.locked.0
    }

    /// Whether it is this process's, and not the copy that a forked child has.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.process == process::id()
    }
}

impl Drop for ThreadLock {
    fn drop(&mut self) {
        if self.is_of_this_process() {
            self.thread_locks.table.lock().remove(&self.locked);
            self.thread_locks.ended.notify_all();
        }
    }
}
