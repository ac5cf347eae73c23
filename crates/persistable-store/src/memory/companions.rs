//! Texts beside artifacts.

use std::collections::BTreeMap;

use super::Memory;
use crate::backend::{Companion, Companions};
use crate::error::Result;

impl Companions for Memory {
    fn read(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
        Ok(self.companions.with(|texts| texts.get(&(companion, stem.to_owned())).cloned()))
    }

    fn replace(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
        let at = (companion, stem.to_owned());
        self.companions.with(|texts| match text {
            Some(text) => texts.insert(at, text.to_vec()),
            None => texts.remove(&at),
        });
        Ok(())
    }

    fn list(&self, companion: Companion) -> Result<Vec<String>> {
        let of_kind = |texts: &mut BTreeMap<(Companion, String), Vec<u8>>| {
            texts.keys().filter(|(kind, _)| *kind == companion).map(|(_, stem)| stem.clone()).collect()
        };
        Ok(self.companions.with(of_kind))
    }
}
