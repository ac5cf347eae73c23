//! Finding manifests.

use super::tags::{parts_of, tagged};
use super::{Layer, Layers};
use crate::error::{ErrorKind, Result};
use crate::format::{Manifest, seal};
use crate::found::{Found, Look};

impl Layers {
    /// Looks from the first layer to the last.
    pub(super) fn find_first(&self, stem: &str, look: Look<'_>) -> Result<Option<Found>> {
        let above = self.find_above(stem, look);
        if let Ok(Some((found, true))) = above {
            return Ok(Some(found));
        }
        match self.last.backend().find(stem, look)? {
            Some(found) => Ok(Some(tagged(self.last_index(), found))),
            None => above.map(|found| found.map(|(found, _)| found)),
        }
    }

    /// Looks in the layer in which a payload was read. Only there does the manifest tell whether it has been replaced since.
    pub(super) fn find_where(&self, stem: &str, tag: Option<&str>) -> Result<Option<Found>> {
        let Some((layer, tag)) = parts_of(tag) else { return self.find_first(stem, Look::AtBytes) };
        let found = self.layer(layer).backend().find(stem, Look::Again(tag))?;
        let is_ignored =
            |found: &Found| self.above.get(layer).is_some_and(|layer| layer.ignores_manifest(&found.bytes));
        if found.as_ref().is_some_and(is_ignored) {
            return self.find_first(stem, Look::AtBytes);
        }
        Ok(found)
    }

    /// Looks in the last layer, and above it only if there is nothing.
    pub(super) fn find_last(&self, stem: &str) -> Result<Option<Found>> {
        match self.last.backend().find(stem, Look::UnderLease)? {
            Some(found) => Ok(Some(tagged(self.last_index(), found))),
            None => self.find_above(stem, Look::AtAuthor).map(|found| found.map(|(found, _)| found)),
        }
    }

    /// Looks in all layers but the last. Returns the first manifest that is whole; else one that is damaged, or an error; and
    /// whether it is whole.
    fn find_above(&self, stem: &str, look: Look<'_>) -> Result<Option<(Found, bool)>> {
        let mut left = Ok(None);
        for (index, layer) in self.above.iter().enumerate() {
            let found = match layer.store.backend().find(stem, look) {
                Ok(None) => continue,
                Ok(Some(found)) => Ok((layer.is_whole(stem, &found), tagged(index, found))),
                Err(error) if error.kind() == ErrorKind::Unavailable && layer.makes_folder_anew() => continue,
                Err(error) => {
                    if error.kind() != ErrorKind::Damaged {
                        layer.complain("a layer can't be read", &error);
                    }
                    Err(error)
                }
            };
            match found {
                Ok((true, found)) => return Ok(Some((found, true))),
                Ok((false, found)) => left = Ok(Some((found, false))),
                Err(error) => left = Err(error),
            }
        }
        left
    }
}

impl Layer {
    /// Whether a manifest is one that a reader can use. One of a newer format is: a reader is told of that.
    fn is_whole(&self, stem: &str, found: &Found) -> bool {
        if seal::of(&found.bytes).is_none_or(|seal| self.ignores(seal)) {
            return false;
        }
        match Manifest::parse(&found.bytes) {
            Ok(manifest) => manifest.id().is_ok_and(|id| id.stem() == stem),
            Err(error) => error.kind() == ErrorKind::NewerFormat,
        }
    }
}
