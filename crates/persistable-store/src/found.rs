//! A manifest, as a store has it.

use crate::trust::Author;

/// A manifest that was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found {
    /// The bytes of the manifest.
    pub bytes: Vec<u8>,
    /// What the store tells this version of the manifest from others by, where it does not compare the bytes.
    pub tag: Option<String>,
    /// Who can have written it, where that was asked.
    pub author: Option<Author>,
}

impl Found {
    /// Describes a manifest.
    #[must_use]
    pub fn new(bytes: Vec<u8>, author: Option<Author>) -> Self {
        Self { bytes, tag: None, author }
    }

    /// Adds what the store tells this version from others by.
    #[must_use]
    pub fn with_tag(self, tag: impl Into<String>) -> Self {
        Self { tag: Some(tag.into()), ..self }
    }

    pub(crate) fn is_own(&self) -> bool {
        self.author.as_ref().is_some_and(Author::is_own)
    }
}

/// What is asked of a manifest, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look<'a> {
    /// Its bytes.
    AtBytes,
    /// Its bytes, and who can have written it.
    AtAuthor,
    /// The same, for the holder of the lease, who replaces or amends it. Only layers may find another one than for
    /// [`AtAuthor`](Self::AtAuthor).
    UnderLease,
    /// The bytes of the manifest that was found with this [tag](Found::tag), again. Only layers may find another one than for
    /// [`AtBytes`](Self::AtBytes).
    Again(Option<&'a str>),
}
