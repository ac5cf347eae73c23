//! Some artifacts at a time, in a folder for what is on its way.

use std::fs;
use std::path::{Path, PathBuf};

use persistable_store::{CopyReport, ErrorKind as StoreErrorKind, NotCopied, Store};
use tempfile::TempDir;

use crate::error::{Error, ErrorKind, Result};

/// So many artifacts are in a batch, and one more than so many bytes.
const MOST_ARTIFACTS: usize = 512;
const MOST_BYTES: u64 = 256 << 20;

/// A store in a folder that is removed at the end.
pub(super) struct Scratch {
    folder: TempDir,
    pub(super) store: Store,
}

impl Scratch {
    pub(super) fn new(place: &Path) -> Result<Self> {
        let made = tempfile::Builder::new().prefix(".persistable-exchange-").tempdir_in(place);
        let folder = made.map_err(|error| failed("create a folder in", place, error))?;
        let store = Store::open(folder.path())?;
        Ok(Self { folder, store })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes the artifacts of a batch. Records stay.
    pub(super) fn clear(&self) -> Result<()> {
        for path in entries(self.path())? {
            let is_folder = path.is_dir();
            if path.file_name().is_some_and(|name| name == ".persistable") {
                continue;
            }
            let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|error| failed("remove", &path, error))?;
        }
        Ok(())
    }
}

/// Lists a folder.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let mut found = list().map_err(|error| failed("list", folder, error))?;
    found.sort();
    Ok(found)
}

/// Cuts a list into batches by the sizes of payloads.
pub(super) fn batches<T>(items: Vec<T>, size: impl Fn(&T) -> u64) -> Vec<Vec<T>> {
    let (mut all, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
    for item in items {
        bytes = bytes.saturating_add(size(&item));
        batch.push(item);
        if batch.len() >= MOST_ARTIFACTS || bytes >= MOST_BYTES {
            all.push(std::mem::take(&mut batch));
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        all.push(batch);
    }
    all
}

/// What copying did, also where some failed. An interrupt, or a store that fails as a whole, is an error.
pub(super) fn outcome<T>(
    copied: std::result::Result<CopyReport, persistable_store::Error>,
    read: impl FnOnce(&CopyReport) -> T,
) -> Result<T> {
    match copied {
        Ok(report) => Ok(read(&report)),
        Err(error) if error.kind() == StoreErrorKind::Interrupted => Err(error.into()),
        Err(error) => match CopyReport::of(&error) {
            Some(report) => Ok(read(report)),
            None => Err(error.into()),
        },
    }
}

pub(super) fn reasons(not_copied: &[NotCopied]) -> impl Iterator<Item = (String, String)> {
    not_copied.iter().map(|failed| (failed.stem.clone(), format!("{:#}", failed.error)))
}

pub(super) fn failed(what: &str, path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::File, format!("could not {what} {}", path.display())).caused_by(error)
}
