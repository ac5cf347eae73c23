//! Texts beside artifacts, in a store that may have none.

use super::Store;
use crate::backend::Companion;
use crate::error::{Error, ErrorKind, Result};
use crate::format::Digest;

impl Store {
    /// Returns a text beside an artifact, whether the artifact is there or not; `None` if there is no such text.
    pub(crate) fn companion(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
        self.backend.companions().map_or(Ok(None), |texts| texts.read(stem, companion))
    }

    /// Replaces a text beside an artifact, or removes it.
    pub(crate) fn set_companion(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
        if let Some(texts) = self.backend.companions() {
            return texts.replace(stem, companion, text);
        }
        let message = format!("this kind of store can't keep {companion} yet");
        Err(Error::new(ErrorKind::Denied, message).at(self.location()))
    }

    /// Lists the stems that have such a text, in any order.
    pub(crate) fn companions(&self, companion: Companion) -> Result<Vec<String>> {
        self.backend.companions().map_or(Ok(Vec::new()), |texts| texts.list(companion))
    }

    /// Returns what changes whenever such a text is added or removed; `None` if only listing them can show that.
    pub(crate) fn companions_stamp(&self, companion: Companion) -> Option<Digest> {
        self.backend.companions()?.stamp(companion)
    }

    /// Returns the params of an artifact for people, if the store has them.
    pub(crate) fn params(&self, stem: &str) -> Option<String> {
        self.backend.companions()?.params(stem)
    }
}
