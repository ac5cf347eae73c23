//! What people say of an artifact.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// What people say of an artifact: tags, a pin, a note. It travels with the artifact, and is part of no key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Labels {
    /// Words, such as `best` or `paper`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Why the artifact must not be removed, if it must not; an empty text if nobody said why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
    /// A text for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Members that later versions may add. They are kept.
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
}

impl Labels {
    /// Returns whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.pinned.is_none() && self.note.is_none() && self.others.is_empty()
    }

    /// Makes labels that say nothing but that the artifact must not be removed.
    #[must_use]
    pub fn pinned_because(why: impl Into<String>) -> Self {
        Self { pinned: Some(why.into()), ..Self::default() }
    }

    /// Reads labels.
    pub(crate) fn parse(text: &[u8]) -> Result<Self> {
        serde_json::from_slice(text).map_err(|error| {
            Error::new(ErrorKind::Damaged, format!("the labels are damaged: {error}"))
                .advise("They may have been a pin. Whoever unpins it replaces them")
        })
    }

    /// Writes labels; `None` if nothing is said.
    pub(crate) fn to_text(&self) -> Result<Option<Vec<u8>>> {
        if self.is_empty() {
            return Ok(None);
        }
        let unwritten = |error| Error::new(ErrorKind::Unavailable, format!("the labels can't be written: {error}"));
        let mut text = serde_json::to_vec_pretty(self).map_err(unwritten)?;
        text.push(b'\n');
        Ok(Some(text))
    }
}
