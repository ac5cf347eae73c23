//! Whose artifacts may be loaded where loading runs code.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::manifest::unsealed;
use crate::os;
use crate::signature::{self, SigningKey};

/// Whose artifacts are loaded by a payload IO whose loading may run code, as that of a pickle does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// One's own, and those that were signed with one's key: files that this account wrote in this very place, and that
    /// nobody else could write to.
    #[default]
    Own,
    /// Anyone's.
    Anyone,
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

impl Written {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
        Self { inode: metadata.ino(), born: born.map(|born| born.as_nanos().to_string()) }
    }
}

/// What is known of an artifact that may hold code, from its manifest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    is_own: bool,
    is_signed: bool,
}

/// How a payload that may hold code is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Care {
    /// As it lies there: nobody else can write to it.
    InPlace,
    /// From a copy of its bytes, and after that copy was verified: somebody else may write to it at any time.
    FromCopy,
}

impl Guard {
    /// Looks at a sealed manifest, and at the file that it was read from.
    pub(crate) fn of_manifest(
        path: &Path,
        bytes: &[u8],
        metadata: &Metadata,
        signing_key: Option<&SigningKey>,
    ) -> Result<Self> {
        let is_signed = is_signed(bytes, signing_key);
        let guard = Self { is_own: true, is_signed };
        let care = guard.admit(path, foreign_hand(metadata))?;
        Ok(Self { is_own: care == Care::InPlace, is_signed })
    }

    /// Judges the payload's file, or its folder.
    pub(crate) fn of_payload(self, path: &Path, metadata: &Metadata, written: Option<&Written>) -> Result<Care> {
        let flaw = foreign_hand(metadata).or_else(|| match written {
            None => Some("its manifest does not say which file was written here".to_owned()),
            Some(written) if *written != Written::of(metadata) => Some(
                "it is a copy: its inode and birth time are not those of the file that was written here".to_owned(),
            ),
            Some(_) => None,
        });
        self.admit(path, flaw)
    }

    /// Judges a file or a folder within the payload's folder.
    pub(crate) fn of_part(self, path: &Path, metadata: &Metadata) -> Result<Care> {
        self.admit(path, foreign_hand(metadata))
    }

    fn admit(self, path: &Path, flaw: Option<String>) -> Result<Care> {
        match flaw {
            None if self.is_own => Ok(Care::InPlace),
            _ if self.is_signed => Ok(Care::FromCopy),
            flaw => Err(Error::untrusted(path, &flaw.unwrap_or_else(|| "its manifest is not one's own".to_owned()))),
        }
    }
}

/// Whether a manifest is one's own file, and what it says of its payload's file can be believed.
pub(crate) fn is_own(metadata: &Metadata) -> bool {
    foreign_hand(metadata).is_none()
}

/// Whether a sealed manifest was signed with this key.
pub(crate) fn is_signed(manifest: &[u8], signing_key: Option<&SigningKey>) -> bool {
    signing_key.is_some_and(|key| unsealed(manifest).is_some_and(|text| key.has_signed(text)))
}

/// Whether a sealed manifest was signed with any key.
pub(crate) fn has_signature(manifest: &[u8]) -> bool {
    unsealed(manifest).is_some_and(signature::is_there)
}

/// Says who else can have written a file or a folder.
fn foreign_hand(metadata: &Metadata) -> Option<String> {
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    let (owner, me) = (metadata.uid(), os::user_id());
    if owner != me {
        return Some(format!("it belongs to {}, and this is {}", os::user_name(owner), os::user_name(me)));
    }
    let mode = metadata.mode();
    (mode & WRITABLE_BY_OTHERS != 0).then(|| format!("others may write to it (its mode is {:03o})", mode & 0o777))
}
