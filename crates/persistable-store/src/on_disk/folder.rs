//! Checking a payload that is a folder of files.

use std::fs::Metadata;
use std::path::Path;

use super::author::author_of;
use super::disk::same_file;
use super::file::open_payload;
use super::links::Through;
use crate::digesting::digest_file;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::format::{Content, FileRecord};
use crate::medium::Medium;
use crate::payload::{PayloadRequest, check_digest, check_size};
use crate::tree::{Links, listing};
use crate::trust::Care;

/// Checks a folder against the files that were committed, and says how to read it. `verify` runs what reads them, unless it is
/// spared.
pub(crate) fn check_folder(
    medium: &dyn Medium,
    path: &Path,
    request: &PayloadRequest,
    files: &[FileRecord],
    links: Links,
    verify: impl FnOnce(&[&Metadata], &mut dyn FnMut() -> Result<()>) -> Result<()>,
) -> Result<Care> {
    let mut care = Care::InPlace;
    let mut look_at = |path: &Path, metadata: &Metadata| -> Result<()> {
        if let Some(guard) = &request.guard {
            care = care.max(guard.admit(path, &author_of(metadata))?);
        }
        Ok(())
    };
    let look_at_part = |path: &Path| match &request.guard {
        Some(_) => look_at(path, &medium.metadata(path).context("look at", path)?),
        None => Ok(()),
    };
    let found = listing(medium, path, links, look_at_part).map_err(|error| match error.kind() {
        ErrorKind::InvalidPayload => Error::damaged(path, error.to_string()),
        // Listed and gone: the folder is being replaced or removed.
        _ if error.is_missing() => Error::damaged(path, "a part of it is missing"),
        _ => error,
    })?;
    if !found.iter().map(|(name, _)| name).eq(files.iter().map(|file| &file.path)) {
        return Err(Error::damaged(path, "its files are not those that were committed"));
    }
    let size_bytes = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size_bytes));
    request.check_size(path, size_bytes)?;
    let mut has_links = false;
    let mut looked_at = Vec::with_capacity(found.len());
    for ((_, path), record) in found.iter().zip(files) {
        let (file, metadata, through) = open_payload(medium, path, links)?;
        drop(file); // A folder may hold more files than a process may have open.
        look_at(path, &metadata)?;
        // What a link leads to can be exchanged by whoever may write there.
        if request.guard.is_some() && through == Through::Link {
            has_links = true;
        }
        check_size(path, metadata.len(), record.size_bytes)?;
        looked_at.push(metadata);
    }
    if care == Care::FromCopy || has_links {
        return Ok(Care::FromCopy);
    }
    let metadata: Vec<&Metadata> = looked_at.iter().collect();
    verify(&metadata, &mut || {
        for (((_, path), record), looked_at) in found.iter().zip(files).zip(&looked_at) {
            let (mut file, now, _) = open_payload(medium, path, links)?;
            if !same_file(&now, looked_at) {
                return Err(Error::damaged(path, "it was replaced while it was read"));
            }
            let (digest, _) = digest_file(&mut file, path)?;
            check_digest(path, digest, record.digest)?;
        }
        request.check_digest(path, Content::of_listing(files.to_vec()).digest)
    })?;
    Ok(care)
}
