//! Making durable what is in layers.

use super::Layers;
use crate::backend::{GroupSync, GroupSyncs};
use crate::error::Result;
use crate::format::ArtifactId;

impl GroupSyncs for Layers {
    /// What is written here is made durable at once, in each layer.
    fn begin(&self) -> Result<Option<Box<dyn GroupSync>>> {
        Ok(None)
    }

    /// Others may write to a layer by itself. What is in a layer above the last one is a copy, or costs a generation at most.
    fn sync_what_is_left(&self, seen: &[&ArtifactId]) -> Result<()> {
        for layer in &self.above {
            let _ = layer.store.sync_what_is_left(seen);
        }
        self.last.sync_what_is_left(seen).map_err(|error| self.of_last(error))
    }
}
