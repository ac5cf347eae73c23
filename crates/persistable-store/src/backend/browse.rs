//! What a kind of store tells of everything in it.

use std::fmt;

use super::companions::Companion;
use crate::error::Result;
use crate::format::Digest;

/// The ability to tell a catalogue what is there and what has changed, without reading it.
pub trait Browse {
    /// Tells of every manifest, and of every artifact with labels, in any order. What is published or removed meanwhile may be among
    /// them.
    ///
    /// # Errors
    ///
    /// Those of listing.
    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()>;

    /// Returns what a [survey](Self::survey) would tell of a manifest or a text at this moment; `None` if there is none.
    ///
    /// The default does not look: it says that there is one, without a stamp. So the caller reads it, and sees whether it is there. This
    /// suits stores in which a look takes as long as reading.
    fn look_again(&self, stem: &str, companion: Option<Companion>) -> Option<Surveyed> {
        Some(Surveyed { stem: stem.to_owned(), companion, stamp: None })
    }

    /// Returns what stays the same as long as a [survey](Self::survey) would tell of the same names; `None` if only a survey can show
    /// that. A file that is written to in its place keeps its name.
    fn stamp(&self) -> Option<Digest> {
        None
    }

    /// Begins to watch what changes in the store; `None` if nothing tells all of it. A [survey](Self::survey) after that tells of
    /// what was there before.
    fn watch(&self) -> Option<Box<dyn Watch>> {
        None
    }

    /// Returns stems of manifests of a payload name that are at hand without a request, in any order. It looks at `most_entries` of
    /// what is in the store. `None` if looking takes requests.
    fn sample(&self, _payload_name: &str, _most_entries: usize) -> Option<Vec<String>> {
        None
    }
}

/// A manifest, or a text beside an artifact, as a survey found it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Surveyed {
    /// What the names of the artifact's files begin with.
    pub stem: String,
    /// Which text it is; `None` for the manifest.
    pub companion: Option<Companion>,
    /// What changes whenever the text is replaced; `None` if the store can't tell, or can't tell yet.
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
