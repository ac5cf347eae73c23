//! Small texts beside artifacts.

use std::fmt;

use crate::error::Result;
use crate::format::Digest;

/// The ability to keep texts beside artifacts.
pub trait Companions {
    /// Returns a text beside an artifact, whether the artifact is there or not; `None` if there is no such text.
    ///
    /// # Errors
    ///
    /// Those of reading.
    fn read(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>>;

    /// Replaces a text beside an artifact, or removes it. Readers see all of the old text or all of the new one.
    ///
    /// # Errors
    ///
    /// Those of writing.
    fn replace(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()>;

    /// Lists the stems that have such a text, in any order.
    ///
    /// # Errors
    ///
    /// Those of listing.
    fn list(&self, companion: Companion) -> Result<Vec<String>>;

    /// Returns what changes whenever such a text is added or removed; `None` if only listing them can show that.
    fn stamp(&self, _companion: Companion) -> Option<Digest> {
        None
    }

    /// Returns the params of an artifact for people, if the store has them. No artifact needs them.
    fn params(&self, _stem: &str) -> Option<String> {
        None
    }
}

/// A small text beside an artifact. No reader of payloads needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Companion {
    /// What people said of the artifact: tags, a pin, a note.
    Labels,
    /// When and why the artifact was removed, and its manifest.
    Removal,
    /// How the last attempt to generate it goes, or how it failed.
    Attempt,
}

impl fmt::Display for Companion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Labels => "labels",
            Self::Removal => "records of removal",
            Self::Attempt => "notes of attempts",
        })
    }
}
