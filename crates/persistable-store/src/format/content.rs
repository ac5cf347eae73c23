//! What a payload consists of: its size, its digest, and for a folder its listing.

use super::digest::Digest;
use super::payload_record::FileRecord;

/// What a payload consists of.
#[derive(Debug)]
pub struct Content {
    /// The size of all files, in bytes.
    pub size_bytes: u64,
    /// The digest of the file; for a folder, of its listing.
    pub digest: Digest,
    /// For a folder: its files, sorted by path.
    pub files: Option<Vec<FileRecord>>,
}

impl Content {
    /// Describes a folder by its files, which have to be sorted by path.
    pub(crate) fn of_listing(files: Vec<FileRecord>) -> Self {
        Self {
            size_bytes: files.iter().map(|file| file.size_bytes).sum(),
            digest: Digest::of_listing(files.iter().map(|file| (file.path.as_str(), file.size_bytes, file.digest))),
            files: Some(files),
        }
    }
}
