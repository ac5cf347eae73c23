//! What a manifest says of a payload.

use serde::{Deserialize, Serialize};

use super::code_stamp::CodeStamp;
use super::digest::Digest;
use super::input_record::InputRecord;
use super::provenance::{DependencyRecord, Provenance};

/// Where a payload is, what wrote it, and its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PayloadRecord {
    /// The name of the file or folder, beside the manifest.
    pub file: String,
    /// The payload IO that wrote it.
    pub io: String,
    /// The version of what that payload IO writes.
    pub io_version: u32,
    /// The size of all files, in bytes.
    pub size_bytes: u64,
    /// The digest of the file; for a folder, of its listing.
    pub digest: Digest,
    /// For a folder: its files, sorted by path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<FileRecord>>,
    /// In a folder: what tells the file, or the payload's folder, from a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Written>,
    /// Of a payload that is being replaced: what its own manifest says of how it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub making: Option<Box<Making>>,
}

/// What a manifest says of how its payload was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Making {
    pub(crate) dependencies: Vec<DependencyRecord>,
    pub(crate) provenance: Provenance,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) accepted_step_types: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payload_shape: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<CodeStamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) inputs: Vec<InputRecord>,
}

/// A file within a folder payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileRecord {
    /// The path below the payload's folder, with `/` between its components.
    pub path: String,
    /// The size in bytes.
    pub size_bytes: u64,
    /// The digest of the file's bytes.
    pub digest: Digest,
}

impl FileRecord {
    pub(crate) fn new(path: String, size_bytes: u64, digest: Digest) -> Self {
        Self { path, size_bytes, digest }
    }
}

/// What a payload's file, or its folder, has while it stays what was written, and a copy has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Written {
    /// The inode.
    pub inode: u64,
    /// When the file came into being, in nanoseconds since 1970; absent where the file system does not keep that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<String>,
}
