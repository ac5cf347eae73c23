//! Digests of stored bytes.

use std::fmt;
use std::str::FromStr;

use persistable_base::tree;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The BLAKE3 digest of stored bytes, 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(blake3::Hash);

impl Digest {
    /// Digests bytes in memory, with all cores where that is worth it.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(tree::hash(bytes))
    }

    /// Digests a folder by its files, which have to be sorted by path: the path relative to the folder, the size in bytes
    /// and the digest of each.
    #[must_use]
    pub fn of_listing<'a>(files: impl IntoIterator<Item = (&'a str, u64, Self)>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for (path, size_bytes, digest) in files {
            hasher.update(&(path.len() as u64).to_be_bytes());
            hasher.update(path.as_bytes());
            hasher.update(&size_bytes.to_be_bytes());
            hasher.update(digest.to_hex().as_bytes());
        }
        Self::from_hasher(&hasher)
    }

    /// Returns the 256 bits.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(crate) fn from_hasher(hasher: &blake3::Hasher) -> Self {
        Self(hasher.finalize())
    }

    pub(crate) fn from_hash(hash: blake3::Hash) -> Self {
        Self(hash)
    }

    pub(crate) fn to_hex(self) -> String {
        self.0.to_hex().to_string()
    }
}

impl PartialOrd for Digest {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Digest {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.as_bytes().cmp(other.0.as_bytes())
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(blake3::Hash::from_bytes(bytes))
    }
}

/// Reads 64 hex digits.
impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> std::result::Result<Self, ParseDigestError> {
        blake3::Hash::from_hex(text.as_bytes()).map(Self).map_err(|_| ParseDigestError(()))
    }
}

/// A text that is not a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDigestError(());

impl fmt::Display for ParseDigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest is 64 hex digits")
    }
}

impl std::error::Error for ParseDigestError {}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_hex())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let hex = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        blake3::Hash::from_hex(hex.as_bytes()).map(Self).map_err(serde::de::Error::custom)
    }
}
