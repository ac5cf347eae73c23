//! Removing and amending in all layers.

use super::tags::{tagged, untagged};
use super::{Layer, Layers};
use crate::backend::Removal;
use crate::error::{Error, ErrorKind, Result};
use crate::format::seal;
use crate::found::{Found, Look};
use crate::settings::Durability;

impl Layers {
    /// Removes an artifact from all layers, the last one first: nobody can copy it up again then.
    pub(super) fn remove_everywhere(&self, stem: &str, removal: Removal<'_>) -> Result<bool> {
        let last = self.last.backend();
        let is_there = removal == Removal::Unwanted
            || last.find(stem, Look::AtBytes).map_or_else(is_damage, |found| found.is_some());
        let mut was_there = is_there && last.remove(stem, removal)?;
        for layer in &self.above {
            was_there |= layer.remove(stem, removal)?;
        }
        Ok(was_there)
    }

    /// Amends an artifact in the layer that has it, and then its copies above.
    pub(super) fn amend_everywhere(
        &self,
        stem: &str,
        old: &Found,
        sealed: &[u8],
        durability: Durability,
    ) -> Result<Option<Found>> {
        let Some((index, found)) = untagged(old) else { return Ok(None) };
        let amend = || self.layer(index).backend().amend(stem, &found, sealed, durability);
        let amended = match self.above.get(index) {
            Some(layer) => layer.under_lease(stem, amend),
            None => amend(),
        };
        let Some(amended) = amended? else { return Ok(None) };
        for (_, layer) in self.above.iter().enumerate().filter(|(other, _)| *other != index) {
            if let Err(error) = layer.amend_copy(stem, &old.bytes, sealed) {
                layer.complain("what a manifest says could not be changed in a layer", &error);
            }
        }
        Ok(Some(tagged(index, amended)))
    }
}

fn is_damage(error: Error) -> bool {
    error.kind() == ErrorKind::Damaged
}

impl Layer {
    fn remove(&self, stem: &str, removal: Removal<'_>) -> Result<bool> {
        let backend = self.store.backend();
        match backend.find(stem, Look::AtBytes) {
            Ok(None) => return Ok(false),
            Err(error) if error.kind() != ErrorKind::Damaged => return Err(error),
            _ => {}
        }
        self.under_lease(stem, || backend.remove(stem, removal))
    }

    /// Amends a copy. If it is one of another commit, the amended one counts, and the copy goes.
    fn amend_copy(&self, stem: &str, old: &[u8], sealed: &[u8]) -> Result<()> {
        let backend = self.store.backend();
        let Some(found) = backend.find(stem, Look::AtBytes)? else { return Ok(()) };
        if found.bytes != sealed
            && let Some(seal) = seal::of(&found.bytes)
        {
            self.ignore(seal); // Until it is replaced.
        }
        self.under_lease(stem, || match backend.find(stem, Look::AtBytes)? {
            Some(found) if found.bytes == old => backend.amend(stem, &found, sealed, Durability::Fast).map(drop),
            Some(found) if found.bytes != sealed => backend.remove(stem, Removal::Unwanted).map(drop),
            _ => Ok(()),
        })
    }
}
