//! Opening the files of payloads, and copying them.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::disk::{is_link, is_no_file};
use super::links::{Through, open_through};
use crate::error::{Context, Error, Result};
use crate::machine;
use crate::medium::Medium;
use crate::tree::{Links, listing};

/// Opens a file of a payload, or what a link in its place leads to.
pub(crate) fn open_payload(medium: &dyn Medium, path: &Path, links: Links) -> Result<(File, Metadata, Through)> {
    let opened = match links {
        Links::Followed => open_through(medium, path),
        Links::Refused => medium.open(path).map(|file| (file, Through::Path)),
    };
    let (file, through) = opened.map_err(|error| open_error(medium, path, error))?;
    let metadata = file.metadata().context("look at", path)?;
    if metadata.is_file() {
        Ok((file, metadata, through))
    } else {
        Err(Error::damaged(path, "it is not a regular file"))
    }
}

/// A payload that its manifest names and that isn't there is damage, not a miss.
pub(crate) fn open_error(medium: &dyn Medium, path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::damaged(path, "it is missing"),
        _ if is_link(&error) => Error::damaged(path, "it is a symbolic link that is not followed"),
        _ if is_no_file(medium, path) => Error::damaged(path, "it is not a regular file"),
        _ => unreadable(medium, path, error),
    }
}

/// Says why a file can't be opened. If another account lets nobody read it, says whose it is, and what to ask for.
pub(crate) fn unreadable(medium: &dyn Medium, path: &Path, error: io::Error) -> Error {
    let is_denied = error.kind() == io::ErrorKind::PermissionDenied;
    let error = Error::io("open", path, error);
    match medium.metadata(path) {
        Ok(metadata) if is_denied && metadata.uid() != machine::user_id() => {
            let is_open_to_group = metadata.mode() & 0o040 != 0;
            let joining = if is_open_to_group { machine::joining_advice(metadata.gid()) } else { None };
            let advice = joining.unwrap_or_else(|| {
                format!(
                    "Its owner lets the group read it with: chmod g+rX '{}', and with umask 027 or 022 for what is persisted later",
                    path.display()
                )
            });
            error.advise(format!(
                "It belongs to {}, its mode is {:03o}, and this is {}. {advice}",
                machine::user_name(metadata.uid()),
                metadata.mode() & 0o7777,
                machine::user_name(machine::user_id()),
            ))
        }
        _ => error,
    }
}

/// Reads the first so many bytes of a file.
pub(crate) fn read_sized(file: &mut File, size_bytes: u64) -> io::Result<Vec<u8>> {
    // A sparse file may claim any size: what is too much is an error, not the end of the process.
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(size_bytes).unwrap_or(usize::MAX)).map_err(io::Error::other)?;
    file.take(size_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Copies a payload to where nothing is yet.
pub(crate) fn copy_tree(medium: &dyn Medium, from: &Path, to: &Path, links: Links) -> Result<()> {
    if !medium.metadata(from).map_err(|error| open_error(medium, from, error))?.is_dir() {
        return copy_file(medium, from, to, links);
    }
    fs::create_dir(to).context("create the folder", to)?;
    for (relative, path) in listing(medium, from, links, |_| Ok(()))? {
        let copy = to.join(relative);
        let parent = copy.parent().unwrap_or(to);
        fs::create_dir_all(parent).context("create the folder", parent)?;
        copy_file(medium, &path, &copy, links)?;
    }
    Ok(())
}

fn copy_file(medium: &dyn Medium, from: &Path, to: &Path, links: Links) -> Result<()> {
    let (mut file, ..) = open_payload(medium, from, links)?;
    let mut copy = File::create_new(to).context("create", to)?;
    io::copy(&mut file, &mut copy).context("copy", from)?;
    Ok(())
}
