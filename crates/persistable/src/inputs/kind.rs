//! A file, or the files of a folder that match a pattern.

use std::path::Path;

use persistable_store::Digest;

use super::error::Result;
use super::listing;
use super::look::look;
use super::pattern::Pattern;
use super::stamp::Settling;

/// What an input is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    File,
    Folder(Pattern),
}

impl Kind {
    /// Returns the digest and the size in bytes of what is there.
    pub(super) fn content(&self, path: &Path) -> Result<(Digest, u64)> {
        match self {
            Self::File => look(path, &Settling::REAL).map(|look| (look.digest, look.size_bytes)),
            Self::Folder(pattern) => {
                let mut files = Vec::new();
                for file in listing::list(path, pattern)? {
                    files.push((file.relative, look(&file.path, &Settling::REAL)?));
                }
                let listed = files.iter().map(|(path, look)| (path.as_str(), look.size_bytes, look.digest));
                Ok((Digest::of_listing(listed), files.iter().map(|(_, look)| look.size_bytes).sum()))
            }
        }
    }
}
