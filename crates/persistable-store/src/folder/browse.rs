//! What is in the folder, for a catalogue, and what tells of changes.

use std::io;

use super::companions::path_of;
use super::process::stamp_of;
use super::root::Root;
use crate::backend::{Browse, Companion, Surveyed, Watch};
use crate::error::{Context, Result};
use crate::format::Digest;
use crate::format::name::{LABELS_SUFFIX, stem_of_manifest};
use crate::medium::WatchFolder;

impl Browse for Root {
    /// A stamp is made of what the file system says of the file, unless that may not show the next change.
    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        self.metadata()?;
        let mut path = self.path().to_owned();
        for entry in self.medium().entries(self.path()).context("list", self.path())? {
            let name = entry.context("list", self.path())?.name;
            let Some((stem, companion)) = name.to_str().and_then(surveyed) else { continue };
            path.push(&name);
            let stamp = self.medium().metadata(&path).ok().and_then(|metadata| stamp_of(&metadata));
            path.pop();
            tell(Surveyed { stem: stem.to_owned(), companion, stamp });
        }
        Ok(())
    }

    fn look_again(&self, stem: &str, companion: Option<Companion>) -> Option<Surveyed> {
        let path = match companion {
            None => self.manifest_path(stem),
            Some(companion) => path_of(self, stem, companion),
        };
        let stamp = match self.medium().metadata(&path) {
            Ok(found) => stamp_of(&found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(_) => None,
        };
        Some(Surveyed { stem: stem.to_owned(), companion, stamp })
    }

    /// It changes whenever an entry of the folder is added, replaced or removed. There is none if the folder has just changed, or if
    /// others may change it unseen.
    fn stamp(&self) -> Option<Digest> {
        let metadata = self.metadata().ok()?;
        if self.medium().is_local(self.path()) { stamp_of(&metadata) } else { None }
    }

    /// There is none if the system does not tell all changes.
    fn watch(&self) -> Option<Box<dyn Watch>> {
        Some(Box::new(Watched(self.medium().watch(self.path())?)))
    }

    fn sample(&self, payload_name: &str, most_entries: usize) -> Option<Vec<String>> {
        let Ok(entries) = self.medium().entries(self.path()) else { return Some(Vec::new()) };
        let stem = |name: &str| {
            let stem = stem_of_manifest(name)?;
            let is_of_it = stem.strip_prefix(payload_name).is_some_and(|rest| rest.starts_with('('));
            is_of_it.then(|| stem.to_owned())
        };
        Some(entries.take(most_entries).flatten().filter_map(|entry| stem(entry.name.to_str()?)).collect())
    }
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

/// Returns what a survey tells of a file by its name: the stem, and which text it is, if it is not a manifest.
fn surveyed(name: &str) -> Option<(&str, Option<Companion>)> {
    match stem_of_manifest(name) {
        Some(stem) => Some((stem, None)),
        None => name.strip_suffix(LABELS_SUFFIX).map(|stem| (stem, Some(Companion::Labels))),
    }
}
