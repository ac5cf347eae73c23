//! Files: opened, written under temporary names, and moved into place.

use std::sync::Arc;

use bytes::Bytes;
use russh_sftp::client::error::Error;
use russh_sftp::extensions::HardlinkExtension;
use russh_sftp::protocol::{FileAttributes, OpenFlags, Packet, StatusCode};

use crate::random;
use crate::sftp::fault::{is_missing, status};
use crate::sftp::link::Link;
use crate::sftp::pipeline;

/// What a temporary name begins with. A listing leaves such names out.
const TEMPORARY: &str = ".~";

/// Returns a temporary name.
pub(super) fn temporary() -> String {
    format!("{TEMPORARY}{:016x}", random::bits())
}

/// Whether a name is a temporary one.
pub(super) fn is_temporary(name: &str) -> bool {
    let digits = name.strip_prefix(TEMPORARY);
    digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Returns the folder of a path with its `/`, which may be nothing.
pub(super) fn folder_of(path: &str) -> &str {
    path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or_default()
}

/// So often a name is tried that seems to be taken and free.
const TRIES: usize = 10;

/// How placing a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    Done,
    /// Another file is there.
    Taken,
    /// The temporary file is not there any more: another process took what is written here for what a dead one left.
    Gone,
}

/// Makes an empty file, and the folders that it needs.
pub(super) async fn create(link: &Link, path: &str) -> Result<String, Error> {
    let flags = OpenFlags::CREATE | OpenFlags::EXCLUDE | OpenFlags::WRITE;
    let open = || link.session.open(path, flags, FileAttributes::empty());
    match open().await {
        Err(error) if is_missing(&error) => {
            make_folders(link, folder_of(path).trim_end_matches('/')).await?;
            Ok(open().await?.handle)
        }
        opened => Ok(opened?.handle),
    }
}

/// Makes a folder and those above it. Others may do the same.
async fn make_folders(link: &Link, path: &str) -> Result<(), Error> {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]).filter(|end| *end > 0);
    let folders: Vec<&str> = ends.filter_map(|end| path.get(..end)).collect();
    let mut missing = Vec::new();
    for folder in folders.iter().rev() {
        match link.session.stat(*folder).await {
            Ok(_) => break,
            Err(error) if is_missing(&error) => missing.push(*folder),
            Err(error) => return Err(error),
        }
    }
    for folder in missing.into_iter().rev() {
        match link.session.mkdir(folder, FileAttributes::empty()).await {
            Ok(_) => {}
            Err(error) if link.session.stat(folder).await.is_err() => return Err(error),
            Err(_) => {}
        }
        link.last_byte.note();
    }
    Ok(())
}

/// Writes a whole file, and syncs it.
pub(super) async fn write(link: &Arc<Link>, path: &str, bytes: Bytes) -> Result<(), Error> {
    let handle = create(link, path).await?;
    let written = match pipeline::write(link, &handle, 0, bytes).await {
        Ok(()) => sync(link, &handle).await,
        Err(error) => Err(error),
    };
    let closed = link.session.close(handle).await;
    written.and(closed.map(drop))
}

/// Syncs an open file, if the server can.
pub(super) async fn sync(link: &Link, handle: &str) -> Result<(), Error> {
    match link.can_sync {
        true => link.session.fsync(handle).await.map(drop),
        false => Ok(()),
    }
}

/// Gives a file its name, if nothing has that name. The temporary name goes.
pub(super) async fn place_new(link: &Link, from: &str, to: &str) -> Result<Placed, Error> {
    let mut placed = try_to_place_new(link, from, to).await;
    // What had the name may be gone by the time of the second look. Then the name is free.
    for _ in 1..TRIES {
        match &placed {
            Err(error) if status(error) == Some(StatusCode::Failure) => placed = try_to_place_new(link, from, to).await,
            _ => break,
        }
    }
    let _ = link.session.remove(from).await;
    placed
}

async fn try_to_place_new(link: &Link, from: &str, to: &str) -> Result<Placed, Error> {
    match link.session.hardlink(from, to).await {
        Ok(_) => Ok(Placed::Done),
        // The protocol has no word for "exists".
        Err(error) if status(&error) == Some(StatusCode::Failure) && link.session.lstat(to).await.is_ok() => {
            Ok(Placed::Taken)
        }
        Err(error) => or_gone(error),
    }
}

/// Gives a file its name. What had that name goes, in one step.
pub(super) async fn place(link: &Link, from: &str, to: &str) -> Result<Placed, Error> {
    match try_to_place(link, from, to).await {
        Ok(()) => Ok(Placed::Done),
        Err(error) => or_gone(error),
    }
}

/// The folder was there when the temporary file was made in it. So what is missing is this file.
fn or_gone(error: Error) -> Result<Placed, Error> {
    if is_missing(&error) { Ok(Placed::Gone) } else { Err(error) }
}

async fn try_to_place(link: &Link, from: &str, to: &str) -> Result<(), Error> {
    if !link.can_replace {
        return place_by_turns(link, from, to).await;
    }
    // The two paths are written like those of a hard link.
    let paths = HardlinkExtension { oldpath: from.to_owned(), newpath: to.to_owned() };
    match link.session.extended("posix-rename@openssh.com", paths.try_into()?).await? {
        Packet::Status(status) if status.status_code == StatusCode::Ok => Ok(()),
        Packet::Status(status) => Err(Error::Status(status)),
        _ => Err(Error::UnexpectedPacket),
    }
}

/// Without that extension, a rename fails where a file is. Then this file is put aside first: for a moment there is none. It comes
/// back if the new one can't take its place.
async fn place_by_turns(link: &Link, from: &str, to: &str) -> Result<(), Error> {
    let Err(error) = link.session.rename(from, to).await else { return Ok(()) };
    // Any other failure, such as that of a full disk, must not cost the old file. The protocol has no word for "exists".
    let is_taken = status(&error) == Some(StatusCode::Failure)
        && link.session.lstat(from).await.is_ok()
        && link.session.lstat(to).await.is_ok();
    if !is_taken {
        return Err(error);
    }
    let aside = format!("{}{}", folder_of(to), temporary());
    link.session.rename(to, &aside).await?;
    for _ in 1..TRIES {
        if link.session.rename(from, to).await.is_ok() {
            let _ = link.session.remove(&aside).await;
            return Ok(());
        }
    }
    let failed = link.session.rename(from, to).await;
    // If another process was faster, its file stays.
    let back = if failed.is_err() { link.session.rename(&aside, to).await.map(drop) } else { Ok(()) };
    if failed.is_ok() || back.is_err() && link.session.lstat(to).await.is_ok() {
        let _ = link.session.remove(&aside).await;
    }
    failed.map(drop)
}
