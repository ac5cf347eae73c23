//! Making durable what is in layers.

use super::Layers;
use crate::backend::{GroupSync, GroupSyncs};
use crate::error::Result;
use crate::format::ArtifactId;

impl GroupSyncs for Layers {
    /// What is written here is durable at once in the last layer. The copies above cost no generation if they are lost.
    fn begin(&self) -> Result<Option<Box<dyn GroupSync>>> {
        Ok(None)
    }

    /// Others may write to a layer by itself.
    fn sync_what_is_left(&self, seen: &[&ArtifactId]) -> Result<()> {
        for layer in &self.above {
            if let Err(error) = layer.store.sync_what_is_left(seen) {
                layer.complain("what another run left in a layer may not be durable", &error);
            }
        }
        self.last.sync_what_is_left(seen).map_err(|error| self.of_last(error))
    }
}
