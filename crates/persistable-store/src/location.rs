//! Where something is, for people; and which store it is, for programs.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Where a store or a part of it is: a path, or a name such as a URL. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A file or a folder.
    Path(PathBuf),
    /// Something else: a URL without its password, or a word.
    Name(String),
}

impl Location {
    /// Returns the path, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Name(_) => None,
        }
    }

    /// Returns the location of a part. The query of a URL stays at its end.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        match self {
            Self::Path(path) => Self::Path(path.join(name)),
            Self::Name(location) => Self::Name(match location.split_once('?') {
                Some((place, query)) => format!("{}/{name}?{query}", place.trim_end_matches('/')),
                None => format!("{location}/{name}"),
            }),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_owned())
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::Path(path.clone())
    }
}

impl From<&Self> for Location {
    fn from(location: &Self) -> Self {
        location.clone()
    }
}

/// Who has the leases of a store, however its location is written. Layers have the identity of the last one, whose leases are theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    kind: &'static str,
    numbers: [u64; 2],
}

impl Identity {
    /// Makes an identity of the kind of store, and of numbers that no other store of this kind has.
    #[must_use]
    pub const fn new(kind: &'static str, numbers: [u64; 2]) -> Self {
        Self { kind, numbers }
    }
}

/// Which store it is, however its location is written. Layers have the leases of the last one, and are another store all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreId {
    identity: Identity,
    /// A digest of the identities of the layers above the last one.
    above: u64,
}

impl StoreId {
    /// `identity` is that of the last layer, and `above` are those of the others.
    pub(crate) fn new(identity: Identity, above: impl Iterator<Item = Identity>) -> Self {
        let mut hasher = DefaultHasher::new();
        above.for_each(|layer| layer.hash(&mut hasher));
        Self { identity, above: hasher.finish() }
    }
}
