//! Small texts beside artifacts, and what tells of their changes.

use std::fs::Metadata;
use std::io::{self, Read};
use std::path::PathBuf;

use super::process::FileStamp;
use super::root::{Root, unique_name};
use crate::error::{Context, Error, Result};
use crate::format::Digest;
use crate::format::name::{LABELS_SUFFIX, stem_of_manifest};
use crate::medium::WatchFolder;
use crate::on_disk::disk::write_new;
use crate::on_disk::times::is_settled;
use crate::survey::{Companion, Surveyed, Watch};

/// None is longer.
const MOST_BYTES: u64 = 256 << 20;
const REMOVED: &str = "removed";
const ATTEMPTS: &str = "attempts";
const JSON: &str = ".json";

/// Returns what a survey tells of a file by its name: the stem, and which text it is, if it is not a manifest.
pub(super) fn surveyed(name: &str) -> Option<(&str, Option<Companion>)> {
    match stem_of_manifest(name) {
        Some(stem) => Some((stem, None)),
        None => name.strip_suffix(LABELS_SUFFIX).map(|stem| (stem, Some(Companion::Labels))),
    }
}

/// Begins to be told what changes in the folder; `None` where the system does not tell all of it.
pub(super) fn watch(root: &Root) -> Option<Box<dyn Watch>> {
    Some(Box::new(Watched(root.medium().watch(root.path())?)))
}

#[derive(Debug)]
struct Watched(Box<dyn WatchFolder>);

impl Watch for Watched {
    fn changed(&mut self) -> Option<Vec<(String, Option<Companion>)>> {
        let names = self.0.changed()?;
        let told = names.iter().filter_map(|name| surveyed(name.to_str()?));
        Some(told.map(|(stem, companion)| (stem.to_owned(), companion)).collect())
    }
}

/// Returns what a survey would tell of a manifest or a text.
pub(super) fn look(root: &Root, stem: &str, companion: Option<Companion>) -> Option<Surveyed> {
    let path = match companion {
        None => root.manifest_path(stem),
        Some(companion) => path_of(root, stem, companion),
    };
    let stamp = match root.medium().metadata(&path) {
        Ok(found) => stamp_of(&found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(_) => None,
    };
    Some(Surveyed { stem: stem.to_owned(), companion, stamp })
}

/// Returns stems of manifests of a payload name, among so many entries of the folder.
pub(super) fn sample(root: &Root, payload_name: &str, most_entries: usize) -> Vec<String> {
    let Ok(entries) = root.medium().entries(root.path()) else { return Vec::new() };
    let stem = |name: &str| {
        let stem = stem_of_manifest(name)?;
        let is_of_it = stem.strip_prefix(payload_name).is_some_and(|rest| rest.starts_with('('));
        is_of_it.then(|| stem.to_owned())
    };
    entries.take(most_entries).flatten().filter_map(|entry| stem(entry.name.to_str()?)).collect()
}

/// Returns what changes whenever an entry of the folder is added, replaced or removed; `None` if it has just changed, or if others
/// may change it unseen.
pub(super) fn stamp(root: &Root) -> Option<Digest> {
    let metadata = root.metadata().ok()?;
    if root.medium().is_local(root.path()) { stamp_of(&metadata) } else { None }
}

/// Returns what changes whenever such a text is added or removed; `None` if its folder has just changed, or is the store's.
pub(super) fn stamp_of_all(root: &Root, companion: Companion) -> Option<Digest> {
    let folder = folder_of(root, companion)?;
    match root.medium().metadata(&folder) {
        Ok(_) if !root.medium().is_local(&folder) => None,
        Ok(metadata) => stamp_of(&metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Digest::of(&[])),
        Err(_) => None,
    }
}

pub(super) fn stamp_of(metadata: &Metadata) -> Option<Digest> {
    is_settled(metadata).then(|| Digest::of(&FileStamp::of(metadata).to_bytes()))
}

/// Returns a text beside an artifact.
pub(super) fn read(root: &Root, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
    let path = path_of(root, stem, companion);
    let mut bytes = Vec::new();
    let read = root.medium().open(&path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", &path, error)),
    }
}

/// Replaces a text beside an artifact, or removes it.
pub(super) fn write(root: &Root, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
    root.check_own_folders()?;
    let (medium, path) = (root.medium(), path_of(root, stem, companion));
    let Some(text) = text else {
        return match medium.remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.context("remove", &path).and_then(|()| sync_names(root, companion)),
        };
    };
    let staged = root.staging().join(unique_name(stem));
    root.create_own_folder(root.staging()).context("create the folder", root.staging())?;
    if let Some(folder) = folder_of(root, companion) {
        root.create_own_folder(&folder).context("create the folder", &folder)?;
    }
    let written = write_new(medium, &staged, text).context("write", &staged).and_then(|file| {
        if companion != Companion::Attempt {
            medium.sync_file(&file).context("sync", &staged)?;
        }
        medium.rename(&staged, &path).context("move a file to", &path)
    });
    if written.is_err() {
        let _ = medium.remove_file(&staged);
    }
    written?;
    sync_names(root, companion)
}

/// What people said must not be lost. The rest may be.
fn sync_names(root: &Root, companion: Companion) -> Result<()> {
    if companion == Companion::Labels { root.sync() } else { Ok(()) }
}

/// Lists the stems that have such a text.
pub(super) fn list(root: &Root, companion: Companion) -> Result<Vec<String>> {
    let (folder, suffix) = match folder_of(root, companion) {
        None => (root.path().to_owned(), LABELS_SUFFIX),
        Some(folder) => (folder, JSON),
    };
    let entries = match root.medium().entries(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.context("list", &folder)?,
    };
    let mut stems = Vec::new();
    for entry in entries {
        let name = entry.context("list", &folder)?.name;
        stems.extend(name.to_str().and_then(|name| name.strip_suffix(suffix)).map(str::to_owned));
    }
    Ok(stems)
}

fn path_of(root: &Root, stem: &str, companion: Companion) -> PathBuf {
    match folder_of(root, companion) {
        None => root.join(&format!("{stem}{LABELS_SUFFIX}")),
        Some(folder) => folder.join(format!("{stem}{JSON}")),
    }
}

/// Returns the folder for texts of a kind; `None` for those that are beside the artifact's files.
fn folder_of(root: &Root, companion: Companion) -> Option<PathBuf> {
    match companion {
        Companion::Labels => None,
        Companion::Removal => Some(root.own_folder(REMOVED)),
        Companion::Attempt => Some(root.own_folder(ATTEMPTS)),
    }
}
