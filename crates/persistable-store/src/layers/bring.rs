//! Copying artifacts up.

use std::time::Duration;

use super::{Layer, Layers};
use crate::backend::Removal;
use crate::copying::{Manner, Outcome, under_lease};
use crate::error::{ErrorKind, Result};
use crate::format::{ArtifactId, seal};
use crate::found::Look;
use crate::lease::{Lease, hold};
use crate::patience::{Holder, Patience};
use crate::settings::{Durability, Wait};
use crate::store::Store;

/// A copy loses nothing when it is lost.
pub(super) const DURABILITY: Durability = Durability::Fast;
/// So long a publisher waits for another that copies up what was there before. The other sees, when it is done, that this has been
/// replaced.
const PATIENCE: Wait = Wait::AtMost(Duration::from_secs(5));

impl Layers {
    /// Copies an artifact from one layer to all above it, as far as that is possible. Returns the first layer that has the same
    /// commit now.
    pub(super) fn copy_up(&self, id: &ArtifactId, from: usize) -> usize {
        let mut first = from;
        for (index, layer) in self.above.iter().enumerate().take(from).rev() {
            if !layer.store.backend().facts().takes_over {
                continue;
            }
            match self.bring(id, from, layer, Wait::NOT_AT_ALL) {
                Ok(true) => first = index,
                Ok(false) => {}
                Err(error) if matches!(error.kind(), ErrorKind::Busy | ErrorKind::Interrupted) => {}
                Err(error) => layer.complain("an artifact could not be copied to a layer", &error),
            }
        }
        first
    }

    /// Copies what was committed in the last layer to the layers above that have something else, or that another was writing to.
    pub(super) fn copy_published(&self, id: &ArtifactId, committed: &[u8]) {
        for layer in self.above.iter().rev() {
            match layer.store.backend().find(id.stem(), Look::AtBytes) {
                Ok(Some(found)) if found.bytes == committed => continue,
                Ok(None) => continue, // It is copied up when it is read.
                _ => {}
            }
            if let Err(error) = self.bring(id, self.last_index(), layer, PATIENCE) {
                layer.complain("a result could not be copied to a layer", &error);
                layer.ignore_what_is_there(id.stem(), self);
            }
        }
    }

    /// Copies an artifact up to a layer. Returns whether the layer has the same commit now. What the last layer has replaces what
    /// the layer has. What another layer has does not.
    fn bring(&self, id: &ArtifactId, from: usize, layer: &Layer, wait: Wait) -> Result<bool> {
        let (source, to, stem) = (self.layer(from), &layer.store, id.stem());
        let manifest_in =
            |store: &Store| -> Result<_> { Ok(store.backend().find(stem, Look::AtBytes)?.map(|found| found.bytes)) };
        let mut untold = |_: &Holder| {};
        let lease = Lease::acquire(to.backend(), to.thread_locks(), id, Patience::new(wait, &mut untold, &|| false))?;
        match manifest_in(to) {
            Ok(None) => {}
            Ok(there)
                if there == manifest_in(source)?
                    && !there.as_ref().is_some_and(|there| layer.ignores_manifest(there)) =>
            {
                return Ok(true);
            }
            Ok(Some(there)) => {
                let is_damaged = seal::of(&there).is_none() || layer.ignores_manifest(&there);
                if !is_damaged && from != self.last_index() {
                    return Ok(false);
                }
                let message = "it is damaged, and a layer below has it";
                let damaged = Removal::Damaged(message);
                let removal = if is_damaged { damaged } else { Removal::Unwanted };
                to.backend().remove(stem, removal)?;
            }
            Err(error) if error.kind() == ErrorKind::Damaged => {
                to.backend().remove(stem, Removal::Damaged(&error.to_string()))?;
            }
            Err(error) => return Err(error),
        }
        lease.note(None);
        if !to.backend().facts().takes_over {
            return Ok(false);
        }
        let manner = Manner::new(DURABILITY, wait);
        let outcome = under_lease(source, to, &lease, &manner, &|_| {})?;
        // It may have been replaced there meanwhile, by one who did not wait for this lease.
        if from == self.last_index() && manifest_in(source)? != manifest_in(to)? {
            to.backend().remove(stem, Removal::Unwanted)?;
            return Ok(false);
        }
        Ok(matches!(outcome, Outcome::Copied { .. } | Outcome::Present))
    }
}

impl Layer {
    /// Passes over what could not be replaced, unless it is what the last layer has.
    fn ignore_what_is_there(&self, stem: &str, layers: &Layers) {
        let there = self.store.backend().find(stem, Look::AtBytes).ok().flatten();
        let last = layers.last.backend().find(stem, Look::AtBytes).ok().flatten();
        if let (Some(there), Some(last)) = (there, last)
            && there.bytes != last.bytes
            && let Some(seal) = seal::of(&there.bytes)
        {
            self.ignore(seal);
        }
    }

    /// Does something under the layer's lease, if the layer has something there.
    pub(super) fn under_lease<T>(&self, stem: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut untold = |_: &Holder| {};
        let mut patience = Patience::new(PATIENCE, &mut untold, &|| false);
        let _held = hold(self.store.backend(), self.store.thread_locks(), stem, &mut patience)?;
        act()
    }
}
