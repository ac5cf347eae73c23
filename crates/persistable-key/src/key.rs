//! The digest that names a result.

use std::fmt;
use std::str::FromStr;

use crate::hex::{digest_from_hex, to_hex};

/// The digest of a step's identity: payload name, version, params, and the keys of its dependencies.
///
/// ```
/// use persistable_key::Key;
///
/// let key = Key::from_bytes([0xab; 32]);
/// assert_eq!(key.to_string(), "ab".repeat(32));
/// assert_eq!(key.short(), "ab".repeat(16));
/// assert_eq!(key.to_string().parse(), Ok(key));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 32]);

/// Keeps seeds apart from whatever else is ever derived from keys.
const SEED: &str = "persistable 2 seed-v1: the random generator of a step";

impl Key {
    /// Makes the key of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 256 bits.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the first 128 bits as 32 hex digits, as file names carry them.
    pub fn short(&self) -> String {
        to_hex(self.0.first_chunk::<16>().map_or(&[], |half| half))
    }

    /// Returns the seed of a random generator for this key: the 32 bytes that `derive_key` of
    /// [BLAKE3](https://docs.rs/blake3/latest/blake3/fn.derive_key.html) makes of the key's 32 bytes in the context
    /// `persistable 2 seed-v1: the random generator of a step`.
    ///
    /// It is the same in every process, on every platform and in each version of this library. Two keys have two seeds.
    pub fn seed(&self) -> [u8; 32] {
        blake3::derive_key(SEED, &self.0)
    }
}

/// Writes 64 lower-case hex digits.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&to_hex(&self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// Reads 64 lower-case hex digits, and nothing else.
impl FromStr for Key {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        digest_from_hex(text).map(Self).ok_or(ParseKeyError(()))
    }
}

/// A text that is not a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseKeyError(());

impl fmt::Display for ParseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key is 64 lower-case hex digits")
    }
}

impl std::error::Error for ParseKeyError {}
