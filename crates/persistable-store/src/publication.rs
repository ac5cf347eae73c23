//! A publishing, from the complete payload to the commit.

use crate::advice::LOST_LEASE;
use crate::error::{Error, ErrorKind, Result};
use crate::format::signature::is_signed;
use crate::format::{Manifest, PayloadRecord, SigningKey, Written};
use crate::found::Found;
use crate::settings::Durability;
use crate::trust::Author;

/// What is published along with a payload, and what it replaces.
#[derive(Debug)]
pub struct Publication<'a> {
    pub(crate) stem: &'a str,
    /// The params, for people.
    pub(crate) params: &'a str,
    pub(crate) manifest: Manifest,
    pub(crate) signing_key: Option<&'a SigningKey>,
    pub(crate) durability: Durability,
    pub(crate) replaced: Option<Replaced>,
    /// Where an artifact of another store is taken over: its manifest, and who can have written it.
    pub(crate) original: Option<(&'a [u8], Author)>,
}

/// What is there before it is replaced.
///
/// A manifest that names what it replaces is this account's own file. It must not vouch for payloads of others: their
/// records lose what would make them pass for one's own, and none is signed that was not signed before.
#[derive(Debug)]
pub(crate) struct Replaced {
    found: Found,
    /// The payloads that may be there.
    records: Vec<PayloadRecord>,
    /// Whether they were signed with the key of this publishing.
    is_signed: bool,
}

impl Replaced {
    pub(crate) fn new(found: Found, manifest: Manifest, signing_key: Option<&SigningKey>) -> Self {
        let mut records = manifest.into_payloads();
        if !found.is_own() {
            records.iter_mut().for_each(|record| record.written = None);
        }
        let is_signed = is_signed(&found.bytes, signing_key);
        Self { found, records, is_signed }
    }
}

/// What was published.
#[derive(Debug)]
pub struct Committed {
    pub(crate) manifest: Manifest,
    pub(crate) found: Found,
}

impl Publication<'_> {
    /// Returns the stem of the artifact.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.stem
    }

    /// Returns the params, for people. No artifact needs them.
    #[must_use]
    pub fn params(&self) -> &str {
        self.params
    }

    /// Returns when the publishing counts as done.
    #[must_use]
    pub fn durability(&self) -> Durability {
        self.durability
    }

    /// Returns the manifest that is to be replaced; `None` where there must be none. Where something else is there, nothing may
    /// be changed, and the answer is [`lost`](Self::lost).
    #[must_use]
    pub fn expected(&self) -> Option<&Found> {
        self.replaced.as_ref().map(|replaced| &replaced.found)
    }

    /// Says how the store knows the manifest that is to be replaced; `None` if it has none.
    pub(crate) fn expect(&mut self, change: impl FnOnce(Found) -> Option<Found>) {
        self.replaced = self.replaced.take().and_then(|replaced| {
            let Replaced { found, records, is_signed } = replaced;
            change(found).map(|found| Replaced { found, records, is_signed })
        });
    }

    /// Returns the payloads that the manifest that is to be replaced names.
    #[must_use]
    pub fn replaced(&self) -> &[PayloadRecord] {
        self.replaced.as_ref().map_or(&[], |replaced| &replaced.records)
    }

    /// Returns whether an artifact of another store is taken over byte for byte. [`seal`](Self::seal) returns the manifest that it
    /// has there. So the payload must get the very file name that its record has, and no manifest is expected to be there.
    ///
    /// A store is asked for that only if it says that it [can](crate::backend::Facts::takes_over).
    #[must_use]
    pub fn is_taken_over(&self) -> bool {
        self.original.is_some()
    }

    /// Returns who can have written what is published. A store that knows who wrote its files needs not ask.
    #[must_use]
    pub fn author(&self) -> Author {
        self.original.as_ref().map_or(Author::Own, |(_, author)| author.clone())
    }

    /// Returns the payload, as the manifest has it.
    #[must_use]
    pub fn record(&self) -> &PayloadRecord {
        &self.manifest.payload
    }

    /// Gives the payload another file name, which has to [belong](crate::backend::owns_payload_file) to the artifact. The payload
    /// of an artifact that is [taken over](Self::is_taken_over) keeps its name.
    pub fn rename_payload(&mut self, file: String) {
        if !self.is_taken_over() {
            self.manifest.payload.file = file;
        }
    }

    /// Says what tells the payload from a copy. Of an artifact that is [taken over](Self::is_taken_over), the original is meant,
    /// and that stays so: the copy must not pass for what this account wrote.
    pub fn set_written(&mut self, written: Written) {
        if !self.is_taken_over() {
            self.manifest.payload.written = Some(written);
        }
    }

    /// Signs nothing: others may have changed what was staged.
    pub(crate) fn leave_unsigned(&mut self) {
        self.signing_key = None;
    }

    /// Returns the manifest to be committed.
    ///
    /// # Errors
    ///
    /// When it can't be written as JSON.
    pub fn seal(&self) -> Result<Vec<u8>> {
        if let Some((original, _)) = &self.original {
            return Ok(original.to_vec());
        }
        self.manifest.seal(self.signing_key)
    }

    /// Returns a manifest that names the payload and those that it replaces, in the order in which they have to be looked for.
    ///
    /// # Errors
    ///
    /// When it can't be written as JSON.
    pub fn seal_both(&self) -> Result<Vec<u8>> {
        let Some(replaced) = &self.replaced else { return self.seal() };
        let both = Manifest { alternatives: replaced.records.clone(), ..self.manifest.clone() };
        both.seal(self.signing_key.filter(|_| replaced.is_signed))
    }

    /// Says that the manifest which was to be replaced is not there any more, or was not expected.
    #[must_use]
    pub fn lost(&self) -> Error {
        lost(self.stem)
    }

    /// Says what was committed, as it is found from now on.
    #[must_use]
    pub fn committed(self, found: Found) -> Committed {
        Committed { manifest: self.manifest, found }
    }
}

pub(crate) fn lost(stem: &str) -> Error {
    let message = format!("the lease of {stem} was lost, and another may have generated it meanwhile");
    Error::new(ErrorKind::LeaseLost, message).advise(LOST_LEASE)
}
