//! Locks of bytes of files as POSIX has them: they belong to a process, and closing any descriptor of the file drops all
//! that the process has on it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shuttle::sync::Condvar;

use super::statics::PerProcess;
use super::{process_id, run, step};
/// What else the store's `lock.rs` has of `os`.
pub(crate) use crate::store::os::{create_folder, same_file};

/// By run, inode and byte: the process that has the lock.
type Locks = BTreeMap<(u64, u64, i64), u32>;

/// Never locked over a step.
static LOCKS: Mutex<Locks> = Mutex::new(BTreeMap::new());

fn locks() -> MutexGuard<'static, Locks> {
    LOCKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a lock was let go of, in all processes.
static RELEASES: PerProcess<(shuttle::sync::Mutex<u64>, Condvar)> = PerProcess::new(Default::default);

shuttle::thread_local! {
    /// What that was before this thread last tried to get a lock.
    static RELEASES_SEEN: Cell<u64> = Cell::new(0);
}

fn tell_of_release() {
    if !std::thread::panicking() {
        let (releases, released) = RELEASES.get_shared();
        *releases.lock().unwrap() += 1;
        released.notify_all();
    }
}

/// A pause between two tries. No scheduler is fair to one who tries all the time: it ends when trying may help.
pub(crate) fn sleep(_pause: Duration) {
    let (releases, released) = RELEASES.get_shared();
    let mut releases = releases.lock().unwrap();
    while *releases == RELEASES_SEEN.with(Cell::get) {
        releases = released.wait(releases).unwrap();
    }
}

/// What the death of a process does.
pub(crate) fn drop_all_of(process: u32) {
    release(|(_, holder)| holder == process);
}

fn release(is_let_go: impl Fn((u64, u32)) -> bool) {
    let this_run = run();
    let let_go = {
        let mut locks = locks();
        let before = locks.len();
        locks.retain(|(run, inode, _), holder| *run != this_run || !is_let_go((*inode, *holder)));
        locks.len() < before
    };
    if let_go {
        tell_of_release();
    }
}

/// Forgets the locks of a run.
pub(crate) fn forget(ended: u64) {
    locks().retain(|(run, _, _), _| *run != ended);
}

/// A file of which bytes are locked.
#[derive(Debug)]
pub(crate) struct File {
    file: std::fs::File,
    inode: u64,
    process: u32,
}

impl File {
    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        release(|lock| lock == (self.inode, self.process));
    }
}

pub(crate) fn open_lasting(path: &Path) -> io::Result<File> {
    step()?;
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let inode = file.metadata()?.ino();
    Ok(File { file, inode, process: process_id() })
}

pub(crate) fn try_lock_byte(file: &File, offset: i64) -> io::Result<bool> {
    step()?;
    let releases = *RELEASES.get_shared().0.lock().unwrap();
    RELEASES_SEEN.with(|seen| seen.set(releases));
    Ok(*locks().entry((run(), file.inode, offset)).or_insert(process_id()) == process_id())
}

pub(crate) fn unlock_byte(file: &File, offset: i64) -> io::Result<()> {
    step()?;
    locks().remove(&(run(), file.inode, offset));
    tell_of_release();
    Ok(())
}

pub(crate) fn lock_holder(file: &File, offset: i64) -> Option<u32> {
    locks().get(&(run(), file.inode, offset)).copied()
}
