//! Listing all layers.

use std::collections::BTreeSet;

use super::Layers;
use crate::error::Result;

impl Layers {
    /// Lists as far as every layer that has more to list has got.
    pub(super) fn list_all(&self, after: Option<&str>) -> Result<Vec<String>> {
        let mut batches = Vec::with_capacity(self.last_index() + 1);
        for index in 0..=self.last_index() {
            let batch = self.layer(index).backend().list(after)?;
            if !batch.is_empty() {
                batches.push(batch);
            }
        }
        let end = batches.iter().filter_map(|batch| batch.last().cloned()).min();
        let stems: BTreeSet<_> = batches.into_iter().flatten().filter(|stem| Some(stem) <= end.as_ref()).collect();
        Ok(stems.into_iter().collect())
    }
}
