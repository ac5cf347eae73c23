//! Listing all layers.

use std::collections::{BTreeMap, BTreeSet};

use super::Layers;
use crate::backend::Surveyed;
use crate::error::Result;
use crate::format::Digest;

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

    /// Tells of what any layer has. A stamp is made of those of all layers that have it. Labels are those of the last layer.
    pub(super) fn survey_all(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        let mut manifests: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
        for index in 0..=self.last_index() {
            let place = u64::try_from(index).unwrap_or(u64::MAX).to_le_bytes();
            self.layer(index).backend().survey(&mut |found| match found.companion {
                None => {
                    let known = manifests.entry(found.stem).or_insert_with(|| Some(Vec::new()));
                    match (known.as_mut(), found.stamp) {
                        (Some(stamps), Some(stamp)) => stamps.extend(place.iter().chain(stamp.as_bytes())),
                        _ => *known = None,
                    }
                }
                Some(_) if index == self.last_index() => tell(found),
                Some(_) => {}
            })?;
        }
        for (stem, stamps) in manifests {
            tell(Surveyed::manifest(stem, stamps.map(|stamps| Digest::of(&stamps))));
        }
        Ok(())
    }
    /// Returns what stays the same as long as a survey would tell the same names.
    pub(super) fn stamp_of_all(&self) -> Option<Digest> {
        let mut stamps = Vec::new();
        for index in 0..=self.last_index() {
            stamps.extend(self.layer(index).backend().stamp()?.as_bytes());
        }
        Some(Digest::of(&stamps))
    }
}
