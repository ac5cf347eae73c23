//! Writing several files to the disk at once, before they are synced.
//!
//! A sync writes the bytes of its file first, and then waits until the journal of the file system commits. If the bytes of
//! all files are written before the first one is synced, this commit holds for all of them. The other syncs find it done.

#![allow(unsafe_code, reason = "the libraries in use do not have this call")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::libc::{self, SYNC_FILE_RANGE_WAIT_AFTER, SYNC_FILE_RANGE_WAIT_BEFORE, SYNC_FILE_RANGE_WRITE};

/// Begins to write the bytes of a file to the disk, or also waits until they are there, where the file system can.
pub(super) fn write_back(file: &File, waits: bool) -> io::Result<()> {
    let wait = if waits { SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER } else { 0 };
    // SAFETY: the call takes numbers only, and the descriptor is open as long as `file` is borrowed.
    let done = unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, SYNC_FILE_RANGE_WRITE | wait) };
    match Errno::result(done) {
        // The system or a container does not know the call, or refuses it for such a file. So nothing was tried.
        Ok(_) | Err(Errno::ENOSYS | Errno::EINVAL | Errno::ESPIPE | Errno::EPERM | Errno::EOPNOTSUPP) => Ok(()),
        // The system tells each descriptor only once that bytes could not be written.
        Err(error) => Err(error.into()),
    }
}
