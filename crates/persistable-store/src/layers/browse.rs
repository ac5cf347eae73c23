//! What all layers have, for a catalogue.

use std::collections::BTreeMap;

use super::Layers;
use crate::backend::{Browse, Surveyed};
use crate::error::Result;
use crate::format::Digest;

impl Browse for Layers {
    /// Tells of what any layer has. A stamp is made of those of all layers that have it. Labels are those of the last layer.
    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        let mut manifests: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
        for index in 0..=self.last_index() {
            let place = u64::try_from(index).unwrap_or(u64::MAX).to_le_bytes();
            self.layer(index).survey(&mut |found| match found.companion {
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

    fn stamp(&self) -> Option<Digest> {
        let mut stamps = Vec::new();
        for index in 0..=self.last_index() {
            stamps.extend(self.layer(index).stamp()?.as_bytes());
        }
        Some(Digest::of(&stamps))
    }
}
