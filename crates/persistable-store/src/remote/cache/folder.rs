//! Folders and files of the cache, which nobody else can write to.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::advice::ANOTHER_CACHE;
use crate::error::{Error, ErrorKind, Result};
use crate::machine;
use crate::on_disk::author::author_of;
use crate::trust::Author;

/// Creates the folder that people named, where it is missing, and checks that others can't write to it. The inner result tells
/// whether the disk can be written to.
pub(super) fn open_private(folder: &Path) -> Result<io::Result<()>> {
    let created = create_private(folder);
    let metadata = match fs::metadata(folder) {
        Ok(metadata) => metadata,
        Err(error) => return Ok(Err(created.err().unwrap_or(error))),
    };
    if !metadata.is_dir() {
        return Err(Error::new(ErrorKind::InvalidOption, "it is not a folder, so no cache can be there").at(folder));
    }
    let Author::Foreign(why) = author_of(&metadata) else { return Ok(Ok(())) };
    let message = format!("it can't be a cache, since {why}. Only this account may write to a cache");
    let advice = format!("Choose {ANOTHER_CACHE}. Or, if the folder is yours: chmod 700 {}", folder.display());
    Err(Error::new(ErrorKind::Denied, message).advise(advice).at(folder))
}

/// Creates a folder with its parents, where it is missing.
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Creates a folder that is not there yet, in one that is created where it is missing.
pub(super) fn create_new_in(parent: &Path, name: &str) -> io::Result<()> {
    let create = || DirBuilder::new().mode(0o700).create(parent.join(name));
    match create() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_private(parent)?;
            create()
        }
        created => created,
    }
}

/// Creates a file that is not there yet.
pub(super) fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Opens a file, or creates it.
pub(super) fn open_or_create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)
}

/// Locks a file, if nobody has its lock; `None` where somebody has. The lock ends with the file, and with the process.
pub(super) fn try_lock(file: File) -> io::Result<Option<File>> {
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Opens the lock of a folder, and takes it.
pub(super) fn lock_in(folder: &Path, name: &str) -> io::Result<Lock> {
    let path = folder.join(name);
    let file = match open_or_create(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Lock::Moved),
        opened => opened?,
    };
    let Ok(locked) = try_lock(file) else { return Ok(Lock::Impossible) };
    let Some(file) = locked else { return Ok(Lock::Busy) };
    // Who swept here, or finished, took the folder away before it let go of the lock.
    let is_there = match (fs::metadata(&path), file.metadata()) {
        (Ok(there), Ok(mine)) => (there.dev(), there.ino()) == (mine.dev(), mine.ino()),
        _ => false,
    };
    Ok(if is_there { Lock::Taken(file) } else { Lock::Moved })
}

/// How taking the lock of a folder ended.
#[derive(Debug)]
pub(super) enum Lock {
    Taken(File),
    /// Another one has it.
    Busy,
    /// The folder is not there any more.
    Moved,
    /// The file system has no locks.
    Impossible,
}

/// Creates a folder that no other one uses, with its lock; none where the file system has no locks. Then its age protects it.
pub(super) fn create_unique_in(parent: &Path, begin: &str, lock: &str) -> io::Result<(PathBuf, Option<File>)> {
    let mut tries = 0;
    loop {
        let name = format!("{begin}~{}", machine::unique_text());
        create_new_in(parent, &name)?;
        let folder = parent.join(name);
        match lock_in(&folder, lock)? {
            Lock::Taken(file) => return Ok((folder, Some(file))),
            Lock::Impossible => return Ok((folder, None)),
            // Somebody swept at this very moment.
            Lock::Busy | Lock::Moved if tries < 100 => tries += 1,
            Lock::Busy | Lock::Moved => return Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Removes a folder of the cache, so that nobody sees a part of it.
pub(super) fn discard(cache: &Path, path: &Path) -> io::Result<()> {
    let (trash, name) = (cache.join("trash"), machine::unique_text());
    let away = trash.join(name);
    match fs::rename(path, &away) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !trash.exists() => {
            create_private(&trash)?;
            fs::rename(path, &away)?;
        }
        renamed => renamed?,
    }
    fs::remove_dir_all(&away)
}

/// Removes what was left by those who died while they removed it.
pub(super) fn empty_trash(cache: &Path) {
    let trash = cache.join("trash");
    for name in names_in(&trash) {
        let _ = fs::remove_dir_all(trash.join(name));
    }
}

/// Returns the names in a folder; none where it can't be read.
pub(super) fn names_in(folder: &Path) -> Vec<OsString> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.file_name())).collect()
}
