//! What is in the store, for a catalogue.

use std::ops::Bound;

use super::{Artifact, Memory};
use crate::backend::{Browse, Companion, Companions, Surveyed};
use crate::error::Result;
use crate::format::Digest;

impl Browse for Memory {
    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        let stamped = |(stem, artifact): (&String, &Artifact)| (stem.clone(), Digest::of(&artifact.manifest));
        let manifests: Vec<_> = self.artifacts.with(|artifacts| artifacts.iter().map(stamped).collect());
        manifests.into_iter().for_each(|(stem, stamp)| tell(Surveyed::manifest(stem, Some(stamp))));
        for stem in Companions::list(self, Companion::Labels)? {
            let stamp = self.read(&stem, Companion::Labels)?.map(|text| Digest::of(&text));
            tell(Surveyed::companion(stem, Companion::Labels, stamp));
        }
        Ok(())
    }

    fn sample(&self, payload_name: &str, most_entries: usize) -> Option<Vec<String>> {
        let prefix = format!("{payload_name}(");
        Some(self.artifacts.with(|artifacts| {
            let stems = artifacts.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
            stems
                .map(|(stem, _)| stem.clone())
                .take_while(|stem| stem.starts_with(&prefix))
                .take(most_entries)
                .collect()
        }))
    }
}
