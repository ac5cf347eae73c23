//! What copies of one program tell each other about attempts to generate artifacts.

use super::Store;
use crate::backend::Companion;
use crate::error::Result;
use crate::format::Attempt;
use crate::lease::Lease;

impl Store {
    /// Returns the note of the last attempt to generate an artifact that was made by a program of which several copies share
    /// their steps; `None` if there is none. `stem` is what the names of the artifact's files begin with.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn attempt(&self, stem: &str) -> Result<Option<Attempt>> {
        let text = self.companion(stem, Companion::Attempt)?;
        Ok(text.and_then(|text| Attempt::parse(&text)))
    }

    /// Replaces the note of the last attempt to generate the leased artifact, or removes it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Busy`](crate::ErrorKind::Busy) if the lease is not one of this store, and the errors of writing.
    pub fn note_attempt(&self, lease: &Lease, attempt: Option<&Attempt>) -> Result<()> {
        lease.check(&*self.backend)?;
        let text = attempt.map(Attempt::to_text).transpose()?;
        self.set_companion(lease.id().stem(), Companion::Attempt, text.as_deref())
    }

    /// Lists the stems of artifacts with a note of an [attempt](Self::attempt).
    ///
    /// # Errors
    ///
    /// Those of listing.
    pub fn attempts(&self) -> Result<Vec<String>> {
        self.companions(Companion::Attempt)
    }
}
