//! What a kind of store tells of everything in it, and small texts that it keeps beside artifacts.

use std::fmt;

use crate::format::Digest;

/// A manifest, or a text beside an artifact, as a survey found it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Surveyed {
    /// What the names of the artifact's files begin with.
    pub stem: String,
    /// Which text it is; `None` for the manifest.
    pub companion: Option<Companion>,
    /// What changes whenever the text is replaced; `None` where the store can't tell, or can't tell yet.
    pub stamp: Option<Digest>,
}

impl Surveyed {
    /// Tells of a manifest.
    #[must_use]
    pub fn manifest(stem: String, stamp: Option<Digest>) -> Self {
        Self { stem, companion: None, stamp }
    }

    /// Tells of a text beside an artifact.
    #[must_use]
    pub fn companion(stem: String, companion: Companion, stamp: Option<Digest>) -> Self {
        Self { stem, companion: Some(companion), stamp }
    }
}

/// What tells which manifests and labels of a store change.
pub trait Watch: fmt::Debug + Send {
    /// Returns the stem of each manifest, and of each text beside an artifact, that may have changed since the last call, or since
    /// the watch began. Whatever the store's stamp showed before the call is among them. `None` if not all of them can be told:
    /// then only a survey can tell, and the watch has ended.
    fn changed(&mut self) -> Option<Vec<(String, Option<Companion>)>>;
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
