//! What people say of artifacts.

use super::Store;
use crate::backend::{Companion, Surveyed, Watch};
use crate::error::{ErrorKind, Result};
use crate::format::{Digest, Labels};
use crate::lease::Lease;
use crate::store::Listed;

impl Store {
    /// Returns what people said of an artifact: `stem` is what the names of its files begin with. Nothing is said of most.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] if the text is not one of labels, and the errors of reading.
    pub fn labels(&self, stem: &str) -> Result<Labels> {
        match self.backend.companion(stem, Companion::Labels)? {
            Some(text) => Labels::parse(&text).map_err(|error| error.at(self.location().join(stem))),
            None => Ok(Labels::default()),
        }
    }

    /// Changes what people say of the leased artifact, and returns it.
    ///
    /// If the labels are damaged, they may have been a pin, and count as one. Whoever takes that pin off replaces them.
    ///
    /// # Errors
    ///
    /// Those of [`labels`](Self::labels), unless the pin is taken off; [`ErrorKind::Busy`] if the lease is not one of this store;
    /// and the errors of writing.
    pub fn label(&self, lease: &Lease, change: impl FnOnce(&mut Labels)) -> Result<Labels> {
        lease.check(&*self.backend)?;
        let stem = lease.id().stem();
        let (mut labels, damage) = match self.labels(stem) {
            Err(error) if error.kind() == ErrorKind::Damaged => {
                (Labels::pinned_because(error.to_string()), Some(error))
            }
            labels => (labels?, None),
        };
        let before = labels.clone();
        change(&mut labels);
        if let Some(error) = damage.filter(|_| labels.pinned.is_some()) {
            return Err(error);
        }
        if labels != before {
            self.backend.set_companion(stem, Companion::Labels, labels.to_text()?.as_deref())?;
        }
        Ok(labels)
    }

    /// Tells of every manifest in the store, and of every artifact with labels, in any order, each with a stamp that changes
    /// whenever it is replaced. Nothing is read.
    ///
    /// # Errors
    ///
    /// Those of listing.
    pub fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        self.backend.survey(tell)
    }

    /// Begins to watch which manifests and labels change; `None` where nothing tells all of it, as on a server. A
    /// [survey](Self::survey) after that tells of what was there before.
    #[must_use]
    pub fn watch(&self) -> Option<Box<dyn Watch>> {
        self.backend.watch()
    }

    /// Returns stems of artifacts of a payload name that are at hand without a request, in any order. It looks at `most_entries` of
    /// what is in the store, however much there is. `None` where looking takes requests.
    #[must_use]
    pub fn sample(&self, payload_name: &str, most_entries: usize) -> Option<Vec<String>> {
        self.backend.sample(payload_name, most_entries)
    }

    /// Returns what stays the same as long as a [survey](Self::survey) would tell of the same names; `None` where only a survey can
    /// show that. A file that is written to in its place keeps its name.
    #[must_use]
    pub fn stamp(&self) -> Option<Digest> {
        self.backend.stamp()
    }

    /// Returns what a [survey](Self::survey) would tell of a manifest or a text at this moment; `None` if there is none.
    #[must_use]
    pub fn look_again(&self, stem: &str, companion: Option<Companion>) -> Option<Surveyed> {
        self.backend.look_again(stem, companion)
    }

    /// Reads the manifest of a stem that was [listed](Self::survey); `None` if there is none any more.
    #[must_use]
    pub fn listed(&self, stem: &str) -> Option<Listed> {
        Listed::look_at(&self.backend, stem.to_owned())
    }

    /// Reads the manifests of stems that were [listed](Self::survey). Where that takes requests, they are sent at the same time.
    #[must_use]
    pub fn listed_all(&self, stems: &[String]) -> Vec<Option<Listed>> {
        Listed::look_at_all(&self.backend, stems)
    }
}
