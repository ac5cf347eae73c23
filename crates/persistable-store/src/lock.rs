//! Locks between processes: one byte each of one lasting file in the data folder.
//!
//! A lock costs no file of its own, so none is left behind, and taking one writes nothing. Which byte a name has follows
//! from its digest; the file stays empty, for a byte need not be there to be locked.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::fork::Table;
use crate::os;
use crate::place::Place;

/// The open lock files by data folder, each open once, however its path is spelt: closing any descriptor of a file drops
/// all locks that the process has on it. So files are opened, unlocked and closed under this mutex, and closed when the
/// process has no lock on them.
static OPEN: Table<BTreeMap<Place, OpenFile>> = Table::new(BTreeMap::new());

/// An open lock file. One of another process id was copied by a fork, with none of its locks.
#[derive(Clone, Debug)]
struct OpenFile {
    file: Arc<File>,
    process: u32,
}

/// The lock of a name, until dropped or until the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    place: Place,
    offset: i64,
    /// Taken when dropped, to be closed under the mutex.
    open: Option<OpenFile>,
}

/// How trying to lock ended.
pub(crate) enum Tried {
    Locked(Lock),
    /// Another process has the lock: its id, where it is one of this machine.
    HeldBy(Option<u32>),
}

impl Lock {
    /// Tries to take the lock of a name. Within the process nobody else may have it.
    pub(crate) fn try_acquire(place: Place, path: &Path, name: &str) -> io::Result<Tried> {
        let offset = offset_of(name);
        let mut files = OPEN.lock();
        let open = match files.get(&place) {
            Some(open) if open.process == std::process::id() && is_at(&open.file, path)? => open.clone(),
            _ => {
                let open = OpenFile { file: Arc::new(open_lock_file(path)?), process: std::process::id() };
                files.insert(place, open.clone());
                open
            }
        };
        let tried = match os::try_lock_byte(&open.file, offset) {
            Ok(true) => return Ok(Tried::Locked(Self { place, offset, open: Some(open) })),
            Ok(false) => Ok(Tried::HeldBy(os::lock_holder(&open.file, offset))),
            Err(error) => Err(error),
        };
        close(place, open, &mut files);
        tried
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let Some(open) = self.open.take() else { return };
        let mut files = OPEN.lock();
        if open.process == std::process::id() {
            // When it can't be let go of now, the end of the process does.
            let _ = os::unlock_byte(&open.file, self.offset);
        }
        close(self.place, open, &mut files);
    }
}

/// Lets go of an open lock file, and closes it when nothing else in the process uses it.
fn close(place: Place, open: OpenFile, files: &mut BTreeMap<Place, OpenFile>) {
    let is_unused = files
        .get(&place)
        .is_some_and(|listed| Arc::ptr_eq(&listed.file, &open.file) && Arc::strong_count(&open.file) == 2);
    if is_unused {
        files.remove(&place);
    }
}

fn offset_of(name: &str) -> i64 {
    let digest = blake3::hash(name.as_bytes());
    let bytes: [u8; 8] = std::array::from_fn(|index| digest.as_bytes().get(index).copied().unwrap_or_default());
    // A quarter of the range is left unused at its end: file systems differ in the largest offset they take.
    i64::from_be_bytes(bytes) & (i64::MAX >> 1)
}

fn open_lock_file(path: &Path) -> io::Result<File> {
    let open = || os::open_lasting(path);
    match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // But not the data folder: where it is gone, there is nothing to lock.
            path.parent().map_or(Ok(()), os::create_folder)?;
            open()
        }
        opened => opened,
    }
}

/// Whether the open file is still the one at `path`.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(there) => Ok(os::same_file(&file.metadata()?, &there)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
