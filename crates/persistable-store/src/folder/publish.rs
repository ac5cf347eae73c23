//! Committing an artifact to a folder.
//!
//! Every step leaves a state in which the old artifact (or nothing) or the new one loads:
//!
//! 1. payload and manifest are complete in staging, and are synced together;
//! 2. replacing only: a manifest that names both payloads takes the old one's place, and the folder is synced;
//! 3. the payload moves into place; replacing only: the folder is synced;
//! 4. the manifest moves into place: the commit;
//! 5. the folder is synced.
//!
//! The syncs between are what keeps a power cut from losing an earlier move and not a later one. A first publishing goes
//! without: a manifest whose payload is not there is damage that nobody was told to rely on.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::area::StagingArea;
use super::disk::{remove_any, write_all, write_new};
use super::find::{is_manifest_there, manifest_bytes};
use super::publishing::{Publishing, Staged};
use super::remove::put_aside;
use super::replace::replace_payload;
use super::root::Root;
use super::verified::{Stamp, Verified};
use crate::error::{Context, ErrorKind, Result};
use crate::format::seal;
use crate::found::Found;
use crate::publication::{Committed, Publication};
use crate::settings::Durability;
use crate::trust::Author;

/// From this size on, the writer remembers that the payload agrees with its digest: a file that is written for that costs less
/// than reading the payload once more.
const REMEMBERED_BYTES: u64 = 4 << 20;
/// So far the writer sets the time of the last change back. It is longer than the two seconds in which some file systems count.
const SET_BACK: Duration = Duration::from_secs(5);

/// A payload that is complete in staging.
#[derive(Clone, Copy)]
pub(super) struct Payload<'a> {
    pub(super) staged: Staged<'a>,
    pub(super) inode: u64,
    /// The file, if it is one. It is not synced yet; a folder is.
    pub(super) file: Option<&'a File>,
    /// Whether nobody else ever had the file open.
    pub(super) is_streamed: bool,
}

/// Publishes a payload.
pub(super) fn publish(
    root: &Root,
    area: &StagingArea,
    payload: Payload<'_>,
    mut publication: Publication<'_>,
) -> Result<Committed> {
    let publishing = Publishing { root, area, durability: publication.durability() };
    check_expected(root, &publication)?;
    let dated = payload.file.filter(|_| payload.is_streamed && publication.record().size_bytes >= REMEMBERED_BYTES);
    if let Some(file) = dated {
        // As far as possible: without it, the stamp is not remembered.
        let _ = root.medium().set_modified(file, SystemTime::now() - SET_BACK);
    }
    let sealed = publication.seal()?;
    let bytes = if publication.expected().is_none() {
        let path = area.manifest();
        let unnamed = if let Staged::Unnamed(_) = payload.staged { write_unnamed(&publishing, &sealed)? } else { None };
        if unnamed.is_none() {
            publishing.write_synced(&[(&path, &sealed)], payload.file)?;
        }
        let manifest = unnamed.as_ref().map_or(Staged::At(&path), Staged::Unnamed);
        move_first(&publishing, payload, manifest, &publication, &sealed)?;
        if payload.is_streamed {
            area.leave(); // All that was there has moved.
        }
        sealed
    } else {
        let path = publishing.path_of(payload.staged)?;
        let both = publication.seal_both()?;
        let manifests = [(&*area.both(), &*both), (&*area.manifest(), &*sealed)];
        let params = area.params();
        write_new(root.medium(), &params, publication.params().as_bytes()).context("write", &params)?;
        publishing.write_synced(&manifests, payload.file)?;
        let bytes = replace_payload(&publishing, path, &mut publication, sealed)?;
        publishing.move_in(&params, &root.params_path(publication.stem()), publication.stem())?;
        publishing.rename(&area.manifest(), &root.manifest_path(publication.stem()))?;
        bytes
    };
    publishing.sync_folder()?;
    for record in publication.replaced().iter().filter(|record| record.file != publication.record().file) {
        // Nothing names it any more: left behind, it takes up room and does no harm.
        let _ = remove_any(root.medium(), &root.join(&record.file));
    }
    if let Some(file) = dated {
        remember(&publishing, file, &publication);
    }
    Ok(publication.committed(Found::new(bytes, Some(Author::Own))))
}

/// Fails where another manifest than the one that is to be replaced is there. A manifest that was damaged since is put aside:
/// nobody published it. Whether there is none at all, moving there tells.
fn check_expected(root: &Root, publication: &Publication<'_>) -> Result<()> {
    let (Some(expected), stem) = (publication.expected(), publication.stem()) else { return Ok(()) };
    let damage = match manifest_bytes(root, stem) {
        Ok(Some(bytes)) if bytes == expected.bytes => return Ok(()),
        Ok(Some(bytes)) if seal::of(&bytes).is_none() => {
            "the manifest was damaged while its artifact was replaced".to_owned()
        }
        Ok(_) => return Err(publication.lost()),
        Err(error) if error.kind() == ErrorKind::Damaged => error.to_string(),
        Err(error) => return Err(error),
    };
    put_aside(root, stem, &[root.manifest_path(stem)], &damage)
}

/// Moves all that belongs to a first artifact into place.
fn move_first(
    publishing: &Publishing<'_>,
    payload: Payload<'_>,
    manifest: Staged<'_>,
    publication: &Publication<'_>,
    sealed: &[u8],
) -> Result<()> {
    let root = publishing.root;
    let target = root.join(&publication.record().file);
    move_to_nobodys(publishing, payload.staged, &target, publication)?;
    let moved =
        write_params(publishing, publication).and_then(|()| move_manifest(publishing, manifest, publication, sealed));
    let is_lost = moved.as_ref().is_err_and(|error| error.kind() == ErrorKind::LeaseLost);
    // Without a manifest, what was moved would take up room for ever. On a full disk it would keep it full.
    let is_unpublished = moved.is_err() && !is_lost && matches!(manifest_bytes(root, publication.stem()), Ok(None));
    if is_unpublished {
        let _ = root.medium().remove_file(&root.params_path(publication.stem()));
    }
    // And the manifest of another must not stand beside this payload.
    let is_own = || root.medium().metadata(&target).is_ok_and(|there| there.ino() == payload.inode);
    if (is_lost || is_unpublished) && is_own() {
        let _ = remove_any(root.medium(), &target);
    }
    moved
}

/// Writes the params of a first artifact in their place: it costs less than moving them there, and before the manifest comes they
/// are nobody's. So what a process leaves half written does not lie beside an artifact either: the next one replaces it.
fn write_params(publishing: &Publishing<'_>, publication: &Publication<'_>) -> Result<()> {
    let (root, bytes) = (publishing.root, publication.params().as_bytes());
    let target = root.params_path(publication.stem());
    match write_new(root.medium(), &target, bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let staged = publishing.area.params();
            write_new(root.medium(), &staged, bytes).context("write", &staged)?;
            move_to_nobodys(publishing, Staged::At(&staged), &target, publication)
        }
        written => written.map(drop).context("write", &target),
    }
}

/// Writes a manifest to a file that has no name yet, where that can be done.
fn write_unnamed(publishing: &Publishing<'_>, sealed: &[u8]) -> Result<Option<File>> {
    let root = publishing.root;
    let Some(file) = publishing.area.create_unnamed() else { return Ok(None) };
    write_all(root.medium(), &file, sealed).context("write a manifest to", root.path())?;
    Ok(Some(file))
}

/// Moves the manifest to where none is.
fn move_manifest(
    publishing: &Publishing<'_>,
    manifest: Staged<'_>,
    publication: &Publication<'_>,
    sealed: &[u8],
) -> Result<()> {
    let (root, stem) = (publishing.root, publication.stem());
    let path = root.manifest_path(stem);
    match publishing.move_to_free(manifest, &path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match manifest_bytes(root, stem) {
            // A file server that is asked twice finds what it did the first time.
            Ok(Some(bytes)) if bytes == sealed => Ok(()),
            _ => Err(publication.lost()),
        },
        moved => moved.context("move a file to", &path),
    }
}

/// Moves a file or folder to where no manifest names one. Something may be there: without a manifest it is nobody's.
fn move_to_nobodys(
    publishing: &Publishing<'_>,
    staged: Staged<'_>,
    target: &Path,
    publication: &Publication<'_>,
) -> Result<()> {
    match publishing.move_to_free(staged, target) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if is_manifest_there(publishing.root, publication.stem()) {
                return Err(publication.lost());
            }
            publishing.move_in(publishing.path_of(staged)?, target, publication.stem())
        }
        moved => moved.context("move a file to", target),
    }
}

/// Remembers that a payload which was just moved into place agrees with its digest. Nobody else could write to it, and
/// whatever is written to it from now on changes its time.
fn remember(publishing: &Publishing<'_>, file: &File, publication: &Publication<'_>) {
    let Ok(metadata) = file.metadata() else { return };
    let record = publication.record();
    let is_dated = metadata.modified().is_ok_and(|time| time + SET_BACK / 2 < SystemTime::now());
    if is_dated && metadata.len() == record.size_bytes {
        let stamp = Stamp::of_writer(record.digest, &metadata, publishing.durability == Durability::Synced);
        Verified::of(publishing.root, publication.stem()).remember(&stamp);
    }
}
