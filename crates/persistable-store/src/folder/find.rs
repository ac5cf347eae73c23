//! Finding manifests, and listing them.

use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::root::Root;
use crate::error::{Context, Error, Result};
use crate::format::name::stem_of_manifest;
use crate::found::{Found, Look};
use crate::on_disk::author::author_of;
use crate::on_disk::disk::{is_link, is_link_at, is_no_file};
use crate::on_disk::file::unreadable;
use crate::on_disk::links::or_not_fetched;

/// Most manifests are shorter.
const USUAL_MANIFEST_BYTES: usize = 2 << 10;
/// None is longer: this is room for a million dependencies.
const MOST_MANIFEST_BYTES: u64 = 256 << 20;
/// Shorter ones are read at once if their size is known.
const MOST_READ_AT_ONCE: u64 = 1 << 20;
/// So many names are listed at once. Each time the whole folder is read, so that fewer would cost more time than they save memory.
const BATCH: usize = 1 << 17;

const NO_FILE: &str = "the manifest is not a regular file";

/// Reads a manifest, and looks at the very file that was read.
pub(super) fn find(root: &Root, stem: &str, look: Look<'_>) -> Result<Option<Found>> {
    let path = root.manifest_path(stem);
    let Some(file) = open_manifest(root, &path)? else {
        return match look {
            // The holder of the lease knows that the folder is there, and looks at it again before it publishes.
            Look::UnderLease => Ok(None),
            _ => root.metadata().map(|_| None), // A miss, unless the whole folder is missing.
        };
    };
    Ok(Some(match look {
        Look::AtBytes | Look::Again(_) => Found::new(read_manifest(root, &file, &path, None)?, None),
        Look::AtAuthor | Look::UnderLease => {
            let metadata = file.metadata().context("look at", &path)?;
            Found::new(read_manifest(root, &file, &path, Some(metadata.len()))?, Some(author_of(&metadata)))
        }
    }))
}

/// Reads a manifest.
pub(super) fn manifest_bytes(root: &Root, stem: &str) -> Result<Option<Vec<u8>>> {
    Ok(find(root, stem, Look::AtBytes)?.map(|found| found.bytes))
}

/// Whether there is something at the path of a manifest.
pub(super) fn is_manifest_there(root: &Root, stem: &str) -> bool {
    root.medium().metadata(&root.manifest_path(stem)).is_ok()
}

fn open_manifest(root: &Root, path: &Path) -> Result<Option<File>> {
    let medium = root.medium();
    match medium.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if is_link(&error) => open_linked_manifest(root, path),
        Err(error) => Err(unopened(root, path, error)),
    }
}

fn open_linked_manifest(root: &Root, path: &Path) -> Result<Option<File>> {
    let medium = root.medium();
    match medium.open_linked(path) {
        // A link may lead to a device without an end.
        Ok(file) if file.metadata().context("look at", path)?.is_file() => Ok(Some(file)),
        Ok(_) => Err(Error::damaged(path, NO_FILE)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_link_at(medium, path) => {
            Err(or_not_fetched(medium, Error::damaged(path, "it is missing")))
        }
        // The link was removed a moment ago.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if is_link(&error) => {
            Err(Error::damaged(path, "the manifest is a symbolic link that leads to itself"))
        }
        Err(error) => Err(unopened(root, path, error)),
    }
}

fn unopened(root: &Root, path: &Path, error: io::Error) -> Error {
    if is_no_file(root.medium(), path) { Error::damaged(path, NO_FILE) } else { unreadable(root.medium(), path, error) }
}

fn read_manifest(root: &Root, file: &File, path: &Path, size_bytes: Option<u64>) -> Result<Vec<u8>> {
    // What is no regular file gives an error, or no sealed text. A manifest is small: asking for its size first would
    // cost more than the read that finds its end.
    let read = match size_bytes {
        Some(size_bytes @ 1..=MOST_READ_AT_ONCE) => read_of_size(file, size_bytes as usize),
        _ => read_to_end(file, Vec::with_capacity(USUAL_MANIFEST_BYTES)),
    };
    match read {
        Ok(bytes) => Ok(bytes),
        Err(_) if is_no_file(root.medium(), path) => Err(Error::damaged(path, NO_FILE)),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// Reads a file that is known to have a size. If just as much comes when more is asked for, that is all of it.
fn read_of_size(mut file: &File, size_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size_bytes + 1];
    let read = file.read(&mut bytes)?;
    bytes.truncate(read);
    if read == size_bytes { Ok(bytes) } else { read_to_end(file, bytes) }
}

fn read_to_end(file: &File, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    file.take(MOST_MANIFEST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Lists the stems of manifests that come after a name.
pub(super) fn list(root: &Root, after: Option<&str>) -> Result<Vec<String>> {
    root.metadata()?;
    let mut first = BinaryHeap::new();
    for entry in root.medium().entries(root.path()).context("list", root.path())? {
        let entry = entry.context("list", root.path())?;
        let Some(stem) = entry.name.to_str().and_then(stem_of_manifest) else { continue };
        let is_among_the_first = first.len() < BATCH || first.peek().is_some_and(|last: &String| stem < last.as_str());
        if is_among_the_first && after.is_none_or(|after| stem > after) {
            first.push(stem.to_owned());
            if first.len() > BATCH {
                first.pop();
            }
        }
    }
    Ok(first.into_sorted_vec())
}
