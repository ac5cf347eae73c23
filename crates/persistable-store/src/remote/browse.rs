//! What is in the store, for a catalogue.

use std::ops::ControlFlow;

use super::root::Root;
use crate::backend::{Browse, Companion, Surveyed};
use crate::error::Result;
use crate::format::Digest;
use crate::format::name::{LABELS_SUFFIX, stem_of_manifest};

impl Browse for Root {
    /// Tells by one listing. In the place of a manifest may be a tombstone.
    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        let mut begin: Option<String> = None;
        loop {
            // A folder may have many objects: it is skipped by beginning anew behind it.
            let mut skip_to = None;
            let listed = self.objects.list("", begin.as_deref(), &mut |entries| {
                for entry in entries.iter().filter(|entry| !entry.name.contains('/')) {
                    let stamp = entry.tag.as_ref().map(|tag| Digest::of(tag.as_bytes()));
                    if let Some(stem) = stem_of_manifest(&entry.name) {
                        tell(Surveyed::manifest(stem.to_owned(), stamp));
                    } else if let Some(stem) = entry.name.strip_suffix(LABELS_SUFFIX) {
                        tell(Surveyed::companion(stem.to_owned(), Companion::Labels, stamp));
                    }
                }
                // In the order of bytes, "0" is next to "/".
                let last = entries.last().and_then(|entry| entry.name.split_once('/'));
                skip_to = last.map(|(folder, _)| format!("{folder}0"));
                if skip_to.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            listed.map_err(|error| self.fault(&error))?;
            match skip_to {
                Some(next) => begin = Some(next),
                None => return Ok(()),
            }
        }
    }
}
