//! What a manifest keeps of the files that were read.

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// A file that a param named by its path when the payload was generated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InputRecord {
    /// Where the path stands among the params, as in `train.csv_path` or `files[2]`.
    pub param: String,
    /// The path, as the param has it.
    pub path: String,
    /// The file's size in bytes.
    pub size_bytes: u64,
    /// The digest of the file's bytes.
    pub digest: Digest,
    /// A digest of what the file system told of the file, where any later change would show in that. A file with this stamp
    /// has these bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Digest>,
    /// Digests of other content that somebody declared to make no difference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Digest>,
}

impl InputRecord {
    /// Records a file.
    #[must_use]
    pub fn new(param: String, path: String, size_bytes: u64, digest: Digest, stamp: Option<Digest>) -> Self {
        Self { param, path, size_bytes, digest, stamp, accepted: Vec::new() }
    }

    /// Records the same content under another stamp.
    #[must_use]
    pub fn with_stamp(self, stamp: Option<Digest>) -> Self {
        Self { stamp, ..self }
    }
}
