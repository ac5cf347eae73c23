//! The bytes of a payload, as they are handed out.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::map::{Mapped, MappedCopy};

/// The bytes of a payload.
#[derive(Debug)]
pub enum PayloadBytes {
    /// Read into memory.
    Owned(Vec<u8>),
    /// Shared with a memory store.
    Shared(Arc<[u8]>),
    /// Mapped from a file.
    Mapped(Mapped),
}

impl Deref for PayloadBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Shared(bytes) => bytes,
            Self::Mapped(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for PayloadBytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// The bytes of a payload, which may be written to: that changes these bytes and nothing else.
#[derive(Debug)]
pub enum PrivateBytes {
    /// Read into memory.
    Owned(Vec<u8>),
    /// Mapped from a file.
    Mapped(MappedCopy),
}

impl Deref for PrivateBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(bytes) => bytes,
        }
    }
}

impl DerefMut for PrivateBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for PrivateBytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for PrivateBytes {
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}
