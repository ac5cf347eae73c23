//! What a catalogue asks of a store, which may have no better answer than a list.

use super::{Listed, Store};
use crate::backend::{Companion, Surveyed, Watch};
use crate::error::Result;
use crate::format::Digest;

impl Store {
    /// Tells of every manifest in the store, and of every artifact with labels, in any order, each with a stamp that changes
    /// whenever it is replaced. Nothing is read.
    ///
    /// # Errors
    ///
    /// Those of listing.
    pub fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        if let Some(browse) = self.backend.browse() {
            return browse.survey(tell);
        }
        let mut last: Option<String> = None;
        loop {
            let batch = self.backend.list(last.as_deref())?;
            for stem in &batch {
                tell(Surveyed::manifest(stem.clone(), None));
            }
            match batch.into_iter().last() {
                Some(stem) => last = Some(stem),
                None => return Ok(()),
            }
        }
    }

    /// Begins to watch which manifests and labels change; `None` where nothing tells all of it, as on a server. A
    /// [survey](Self::survey) after that tells of what was there before.
    #[must_use]
    pub fn watch(&self) -> Option<Box<dyn Watch>> {
        self.backend.browse()?.watch()
    }

    /// Returns stems of artifacts of a payload name that are at hand without a request, in any order. It looks at `most_entries` of
    /// what is in the store, however much there is. `None` where looking takes requests.
    #[must_use]
    pub fn sample(&self, payload_name: &str, most_entries: usize) -> Option<Vec<String>> {
        self.backend.browse()?.sample(payload_name, most_entries)
    }

    /// Returns what stays the same as long as a [survey](Self::survey) would tell of the same names; `None` where only a survey can
    /// show that. A file that is written to in its place keeps its name.
    #[must_use]
    pub fn stamp(&self) -> Option<Digest> {
        self.backend.browse()?.stamp()
    }

    /// Returns what a [survey](Self::survey) would tell of a manifest or a text at this moment; `None` if there is none. A store
    /// that [does not look](crate::backend::Browse::look_again) says that there is one, without a stamp: read it then.
    #[must_use]
    pub fn look_again(&self, stem: &str, companion: Option<Companion>) -> Option<Surveyed> {
        match self.backend.browse() {
            Some(browse) => browse.look_again(stem, companion),
            None => Some(Surveyed { stem: stem.to_owned(), companion, stamp: None }),
        }
    }

    /// Reads the manifest of a stem that was [listed](Self::survey); `None` if there is none any more.
    #[must_use]
    pub fn listed(&self, stem: &str) -> Option<Listed> {
        Listed::look_at(&self.backend, stem.to_owned())
    }
}
