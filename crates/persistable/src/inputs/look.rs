//! Looking at a file: its size and its digest, read only where no stamp tells it.

use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use persistable_store::Digest;
use rustix::fs::OFlags;

use super::error::{InputError, Result};
use super::memory;
use super::stamp::{Settling, stamp_of};

/// How often a file that changes while it is read is read again.
const MOST_READINGS: usize = 3;

/// What a file held when it was looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileState {
    pub size_bytes: u64,
    pub digest: Digest,
    /// There only where any later change will show in it.
    pub stamp: Option<Digest>,
}

/// Looks at a file, through links.
pub(super) fn look(path: &Path, settling: &Settling) -> Result<FileState> {
    let metadata = regular(path)?;
    if let Some(look) = remembered(&metadata) {
        return Ok(look);
    }
    for _ in 0..MOST_READINGS {
        if let Some(look) = read(path, settling)? {
            return Ok(look);
        }
    }
    Err(InputError::refused(path, "changed while it was read: wait until it is written"))
}

/// Returns what the file system tells of a regular file.
pub(super) fn regular(path: &Path) -> Result<Metadata> {
    let metadata = path.metadata().map_err(|error| InputError::io(path, error))?;
    if metadata.is_file() {
        return Ok(metadata);
    }
    let problem = match metadata.is_dir() {
        true => "is a folder: use InputFolder",
        false => "is neither a file nor a folder: an input has content that stays",
    };
    Err(InputError::refused(path, problem))
}

/// Returns what is known of a file that has not changed since it was read.
fn remembered(metadata: &Metadata) -> Option<FileState> {
    let (stamp, size_bytes) = (stamp_of(metadata), metadata.len());
    let digest = memory::digest_of(stamp, size_bytes)?;
    Some(FileState { size_bytes, digest, stamp: Some(stamp) })
}

/// Reads a file; `None` where it changed meanwhile.
fn read(path: &Path, settling: &Settling) -> Result<Option<FileState>> {
    let failed = |error| InputError::io(path, error);
    let file = open(path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    // Before it is read: what happens from now on shows in the stamp.
    let is_settled = settling.is_settled(&file, &before);
    let digested = Digest::of_open_file(&file);
    let stamp = stamp_of(&before);
    if stamp_of(&file.metadata().map_err(failed)?) != stamp {
        return Ok(None);
    }
    let (digest, size_bytes) = digested.map_err(failed)?;
    if is_settled {
        memory::remember(stamp, digest, size_bytes);
    }
    Ok(Some(FileState { size_bytes, digest, stamp: is_settled.then_some(stamp) }))
}

/// Opens a file without waiting for the other end of a pipe that took its place.
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(path)
}
