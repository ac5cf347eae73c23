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
