//! Texts beside artifacts: what people say of an artifact is said in the last layer.

use super::Layers;
use crate::backend::{Companion, Companions};
use crate::error::Result;
use crate::format::Digest;

impl Companions for Layers {
    fn read(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
        self.last.companion(stem, companion).map_err(|error| self.of_last(error))
    }

    fn replace(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
        self.last.set_companion(stem, companion, text).map_err(|error| self.of_last(error))
    }

    fn list(&self, companion: Companion) -> Result<Vec<String>> {
        self.last.companions(companion).map_err(|error| self.of_last(error))
    }

    fn stamp(&self, companion: Companion) -> Option<Digest> {
        self.last.companions_stamp(companion)
    }

    fn params(&self, stem: &str) -> Option<String> {
        (0..=self.last_index()).find_map(|layer| self.layer(layer).params(stem))
    }
}
