//! Small texts beside artifacts.

use std::io::{self, Read};
use std::path::PathBuf;

use super::process::stamp_of;
use super::root::{Root, unique_name};
use crate::backend::{Companion, Companions};
use crate::error::{Context, Error, Result};
use crate::format::Digest;
use crate::format::name::LABELS_SUFFIX;
use crate::on_disk::disk::write_new;

/// None is longer.
const MOST_BYTES: u64 = 256 << 20;
/// Params for people are written with their large values left out.
const MOST_PARAMS_BYTES: u64 = 16 << 20;
const REMOVED: &str = "removed";
const ATTEMPTS: &str = "attempts";
const JSON: &str = ".json";

impl Companions for Root {
    fn read(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
        let path = path_of(self, stem, companion);
        let mut bytes = Vec::new();
        let read = self.medium().open(&path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
        match read {
            Ok(_) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &path, error)),
        }
    }

    fn replace(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
        self.check_own_folders()?;
        let (medium, path) = (self.medium(), path_of(self, stem, companion));
        let Some(text) = text else {
            return match medium.remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed.context("remove", &path).and_then(|()| sync_names(self, companion)),
            };
        };
        let staged = self.staging().join(unique_name(stem));
        self.create_own_folder(self.staging()).context("create the folder", self.staging())?;
        if let Some(folder) = folder_of(self, companion) {
            self.create_own_folder(&folder).context("create the folder", &folder)?;
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
        sync_names(self, companion)
    }

    fn list(&self, companion: Companion) -> Result<Vec<String>> {
        let (folder, suffix) = match folder_of(self, companion) {
            None => (self.path().to_owned(), LABELS_SUFFIX),
            Some(folder) => (folder, JSON),
        };
        let entries = match self.medium().entries(&folder) {
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

    /// There is none if the texts' folder has just changed, or is the store's.
    fn stamp(&self, companion: Companion) -> Option<Digest> {
        let folder = folder_of(self, companion)?;
        match self.medium().metadata(&folder) {
            Ok(_) if !self.medium().is_local(&folder) => None,
            Ok(metadata) => stamp_of(&metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Digest::of(&[])),
            Err(_) => None,
        }
    }

    fn params(&self, stem: &str) -> Option<String> {
        let file = self.medium().open(&self.params_path(stem)).ok()?;
        let mut text = String::new();
        file.take(MOST_PARAMS_BYTES).read_to_string(&mut text).ok()?;
        Some(text)
    }
}

/// What people said must not be lost. The rest may be.
fn sync_names(root: &Root, companion: Companion) -> Result<()> {
    if companion == Companion::Labels { root.sync() } else { Ok(()) }
}

/// Returns where a text is.
pub(super) fn path_of(root: &Root, stem: &str, companion: Companion) -> PathBuf {
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
