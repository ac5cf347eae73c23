//! Locks of bytes of files as POSIX has them: they belong to a process, and closing any descriptor of the file drops all
//! that the process has on it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A byte of a file, by the file's inode.
pub(super) type Byte = (u64, i64);

/// Never locked over a step.
#[derive(Debug, Default)]
pub(super) struct Locks(Mutex<BTreeMap<Byte, u32>>);

impl Locks {
    fn all(&self) -> MutexGuard<'_, BTreeMap<Byte, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the process has the lock now.
    pub(super) fn try_lock(&self, byte: Byte, process: u32) -> bool {
        *self.all().entry(byte).or_insert(process) == process
    }

    pub(super) fn unlock(&self, byte: Byte, process: u32) {
        let mut all = self.all();
        if all.get(&byte) == Some(&process) {
            all.remove(&byte);
        }
    }

    pub(super) fn holder(&self, byte: Byte) -> Option<u32> {
        self.all().get(&byte).copied()
    }

    pub(super) fn drop_all_on(&self, inode: u64, process: u32) {
        self.all().retain(|(on, _), holder| (*on, *holder) != (inode, process));
    }

    pub(super) fn drop_all_of(&self, process: u32) {
        self.all().retain(|_, holder| *holder != process);
    }
}
