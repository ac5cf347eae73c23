//! What people say of artifacts.

use super::Store;
use crate::backend::Companion;
use crate::error::{ErrorKind, Result};
use crate::format::Labels;
use crate::lease::Lease;

impl Store {
    /// Returns what people said of an artifact: `stem` is what the names of its files begin with. Nothing is said of most.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] if the text is not one of labels, and the errors of reading.
    pub fn labels(&self, stem: &str) -> Result<Labels> {
        match self.companion(stem, Companion::Labels)? {
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
            self.set_companion(stem, Companion::Labels, labels.to_text()?.as_deref())?;
        }
        Ok(labels)
    }
}
