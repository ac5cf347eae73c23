//! What a process keeps in mind of folder stores.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use persistable_base::fork::Table;

use super::lately::Lately;
use crate::format::Digest;
use crate::location::Identity;
use crate::on_disk::Stamps;
use crate::on_disk::times::is_settled;
use crate::thread_locks::ThreadLocks;

/// What belongs to a process, and is empty when it begins. A model makes one for each process that it simulates.
#[derive(Debug)]
pub struct Process {
    /// Which thread generates what.
    pub(crate) thread_locks: ThreadLocks,
    /// The open lock files, each open once, however its path is spelt: closing any descriptor of a file drops all locks that
    /// the process has on it. So files are opened, unlocked and closed under this mutex, and closed when the process has no
    /// lock on them, but for a few.
    pub(super) open: Table<BTreeMap<Identity, OpenFile>>,
    /// The names whose lock another process had when it was last asked for.
    pub(super) awaited: Table<BTreeSet<(Identity, String)>>,
    /// What was done lately in the data folders.
    pub(super) lately: Table<BTreeMap<OsString, Lately>>,
    /// What was verified.
    pub(super) stamps: Stamps,
}

/// An open lock file. One of another process id was copied by a fork, with none of its locks.
#[derive(Clone, Debug)]
pub(super) struct OpenFile {
    pub(super) file: Arc<File>,
    pub(super) process: u32,
    /// The device and the inode.
    pub(super) numbers: (u64, u64),
    /// What the folder that it is in had when this file was there for sure, and nothing else there was a link.
    pub(super) folder: Option<FileStamp>,
}

/// What a file has as long as it is not replaced: inode, size and the times of its last changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileStamp([i64; 6]);

impl FileStamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let (inode, size) = (metadata.ino().cast_signed(), metadata.size().cast_signed());
        Self([inode, size, metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()])
    }

    fn to_bytes(self) -> [u8; 48] {
        let mut bytes = [0; 48];
        for (place, number) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }
}

/// Returns what changes whenever a file is replaced; `None` if it has just changed, so that the next change may not show.
pub(super) fn stamp_of(metadata: &Metadata) -> Option<Digest> {
    is_settled(metadata).then(|| Digest::of(&FileStamp::of(metadata).to_bytes()))
}

static THIS: Process = Process::new();

impl Process {
    /// Makes what a process begins with.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it is made by models only, and leaked")]
    pub const fn new() -> Self {
        Self {
            thread_locks: ThreadLocks::new(),
            open: Table::new(BTreeMap::new()),
            awaited: Table::new(BTreeSet::new()),
            lately: Table::new(BTreeMap::new()),
            stamps: Table::new(BTreeSet::new()),
        }
    }

    /// Closes the files that it left open: a process that is simulated has ended.
    #[doc(hidden)]
    pub fn end(&'static self) {
        self.open.lock().clear();
    }

    /// Returns the one of this process.
    #[must_use]
    pub fn this() -> &'static Self {
        &THIS
    }
}
