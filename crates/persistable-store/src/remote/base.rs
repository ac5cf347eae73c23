//! What is in the place of a manifest.

use persistable_objects::{Got, Version};

use super::root::Root;
use super::tombstone;
use crate::backend::{Author, Found};
use crate::error::Result;
use crate::format::name::manifest_file;

/// What is in the place of a manifest.
#[derive(Clone, Debug)]
pub(super) enum Base {
    Nothing,
    Tombstone(Version),
    Manifest(Version, Vec<u8>),
}

impl Base {
    /// Returns the version of the manifest, if it is one.
    pub(super) fn manifest(&self) -> Option<&Version> {
        match self {
            Self::Manifest(version, _) => Some(version),
            Self::Nothing | Self::Tombstone(_) => None,
        }
    }
}

/// Looks at what is in the place of a manifest.
pub(super) fn look(root: &Root, stem: &str) -> Result<Base> {
    Ok(match root.get(&manifest_file(stem), None)? {
        Got::Found(found) => base_of(found),
        Got::Absent | Got::Same => Base::Nothing,
    })
}

/// Says what was found in the place of a manifest.
pub(super) fn base_of(found: persistable_objects::Object) -> Base {
    if tombstone::is_one(&found.bytes) {
        Base::Tombstone(found.version)
    } else {
        Base::Manifest(found.version, found.bytes)
    }
}

/// Describes a manifest.
pub(super) fn found(bytes: Vec<u8>, version: &str) -> Found {
    let author = Author::Foreign("anybody who can write to this store may have written it".to_owned());
    Found::new(bytes, Some(author)).with_tag(version)
}

/// Returns the version of a manifest that was found.
pub(super) fn version_of(found: &Found) -> Option<Version> {
    found.tag.as_deref().map(Version::new)
}
