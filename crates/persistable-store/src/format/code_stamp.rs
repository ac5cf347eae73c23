//! What a manifest keeps of the code that made a payload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// What tells the code that made an artifact from other code. Two stamps tell of the same code if they share a digest under
/// any tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CodeStamp {
    /// Digests of all the code, by a tag that says what was digested, such as `ast` or `tokens`.
    pub digests: BTreeMap<String, Digest>,
    /// The digest of the record that lists the code item by item; see [`Store::record`](crate::Store::record).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Digest>,
    /// Names of items that the generation itself changed, such as a cache. They are not in the digests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<String>,
    /// Other code that somebody said makes the same payload.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<CodeStamp>,
}

impl CodeStamp {
    /// Makes a stamp of digests by tag.
    #[must_use]
    pub fn new(digests: BTreeMap<String, Digest>) -> Self {
        Self { digests, ..Self::default() }
    }

    /// Names what the generation itself changed.
    #[must_use]
    pub fn with_state(mut self, state: Vec<String>) -> Self {
        self.state = state;
        self
    }
}
