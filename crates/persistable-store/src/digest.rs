//! Digests of stored bytes.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use persistable_base::tree;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Context, Result};

const READ_BYTES: usize = 4 << 20;

/// The BLAKE3 digest of stored bytes, 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(blake3::Hash);

impl Digest {
    /// Digests bytes in memory, with all cores where that is worth it.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(tree::hash(bytes))
    }

    /// Digests a file from its beginning, reading it in pieces; returns its size in bytes too.
    pub(crate) fn of_file(file: &mut File, path: &Path) -> Result<(Self, u64)> {
        let mut hasher = blake3::Hasher::new();
        let mut size_bytes = 0_u64;
        // One byte more than the file has, so that a small one ends within its first piece.
        let expected_bytes = file.metadata().context("look at", path)?.len().saturating_add(1);
        let piece_bytes = usize::try_from(expected_bytes).map_or(READ_BYTES, |expected| expected.min(READ_BYTES));
        let mut behind = vec![0; piece_bytes];
        let mut ahead = Vec::new();
        let mut ready = read_full(file, &mut behind).context("read", path)?;
        while ready > 0 {
            size_bytes += ready as u64;
            let filled = behind.get(..ready).unwrap_or_default();
            let next = if ready < piece_bytes {
                hasher.update(filled);
                Ok(0)
            } else {
                ahead.resize(piece_bytes, 0);
                digest_beside(&mut hasher, filled, || read_full(file, &mut ahead))
            };
            ready = next.context("read", path)?;
            std::mem::swap(&mut ahead, &mut behind);
        }
        Ok((Self(hasher.finalize()), size_bytes))
    }

    /// Digests a file that is not being written to, from its beginning and with all cores; returns its size in bytes too.
    ///
    /// # Errors
    ///
    /// Those of reading, and an early end where the file became shorter meanwhile.
    pub fn of_open_file(file: &File) -> std::io::Result<(Self, u64)> {
        let size_bytes = file.metadata()?.len();
        tree::hash_file(file, size_bytes).map(|hash| (Self(hash), size_bytes))
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

    pub(crate) fn to_hex(self) -> String {
        self.0.to_hex().to_string()
    }
}

/// Digests bytes in another thread while this one does some work; after it, where no thread can be had.
pub(crate) fn digest_beside<T>(hasher: &mut blake3::Hasher, bytes: &[u8], work: impl FnOnce() -> T) -> T {
    let (done, digested) = std::thread::scope(|scope| {
        let digesting = std::thread::Builder::new().spawn_scoped(scope, || {
            hasher.update(bytes);
        });
        (work(), digesting.is_ok())
    });
    if !digested {
        hasher.update(bytes);
    }
    done
}

fn read_full(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
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
