//! Artifacts of persistable 1.x in a folder: what they are, and what can be done.

mod distrust;
mod old_name;
mod ordered;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use persistable_store::{Listed, Store};
use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
pub use distrust::{distrust, distrust_of};
use old_name::old_digest;
use ordered::Ordered;

const PARAMS: &str = ".params.json";
const MANIFEST: &str = ".manifest.json";

/// An artifact that persistable 1.x persisted.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Former {
    /// The payload name.
    pub name: String,
    /// The digest in its file names.
    pub digest: String,
    /// Its payload.
    pub file: PathBuf,
    /// The payload's size.
    pub size_bytes: u64,
    /// When it was written, in milliseconds since 1970.
    pub modified: i64,
    /// Its params, as its file with params tells them.
    pub params: serde_json::Value,
    /// Whether its params prove that 1.x wrote it. If not, a value has no unique form in JSON, such as a tuple; or it is the rest
    /// of an artifact whose writer died.
    pub is_certain: bool,
    /// What can be done with it.
    pub advice: Advice,
}

/// What can be done with an artifact of persistable 1.x.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "advice", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Advice {
    /// Load the step with the same params in Python. That adopts the artifact: it is stored in the new format.
    Load,
    /// It is not adopted, since others may have written it.
    Distrusted {
        /// Why, and what to do.
        reason: String,
    },
    /// It was adopted, or generated again: the store has an artifact with the same params in the new format. So it can be removed.
    Adopted {
        /// What the names of the new artifact's files begin with.
        artifact: String,
    },
}

/// In words, for people.
impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load => f.write_str("load the step with these params: that adopts it"),
            Self::Distrusted { reason } => write!(f, "it is not adopted: {reason}"),
            Self::Adopted { artifact } => write!(f, "{artifact} has its place: it can be removed"),
        }
    }
}

/// Lists the artifacts of persistable 1.x in a store that is a folder, by name.
///
/// Those whose payload name has a dot are left out: 1.x cut the digest off their names.
///
/// # Errors
///
/// [`ErrorKind::NotFound`] if the store is not a folder, and [`ErrorKind::Store`] if it can't be read.
pub fn former(store: &Store) -> Result<Vec<Former>> {
    let Some(folder) = store.path() else {
        let message = format!("persistable 1.x knew only folders, and {} is not a folder", store.location());
        return Err(Error::new(ErrorKind::NotFound, message));
    };
    let files = Files::list(folder).map_err(|error| {
        let message = format!("the folder can't be read: {}: {error}", folder.display());
        Error::new(ErrorKind::Store, message).caused_by(error)
    })?;
    let mut found = Vec::new();
    for (stem, payloads) in &files.without_manifest {
        // Others may remove files at the same time.
        let look = || look(store, folder, &files, stem, payloads.first()?);
        found.extend(look());
    }
    Ok(found)
}

/// What is in the folder, by stem.
#[derive(Default)]
struct Files {
    /// Payloads of what has params and no manifest.
    without_manifest: BTreeMap<String, Vec<String>>,
    /// Stems of what has a manifest, by payload name.
    with_manifest: BTreeMap<String, BTreeSet<String>>,
}

impl Files {
    fn list(folder: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        let (mut stems, mut payloads) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            let Some((stem, suffix)) = name.rfind(')').and_then(|end| name.split_at_checked(end + 1)) else { continue };
            let Some((payload_name, _)) = parts_of(stem) else { continue };
            match suffix {
                PARAMS => stems.push(stem.to_owned()),
                MANIFEST => {
                    files.with_manifest.entry(payload_name.to_owned()).or_default().insert(stem.to_owned());
                }
                ".tags.json" => {}
                _ => payloads.entry(stem.to_owned()).or_default().push(name.to_owned()),
            }
        }
        for stem in stems {
            let name = parts_of(&stem).map_or("", |(name, _)| name);
            let is_new = files.with_manifest.get(name).is_some_and(|stems| stems.contains(&stem));
            if let (Some(mut payloads), false) = (payloads.remove(&stem), is_new) {
                payloads.sort();
                files.without_manifest.insert(stem, payloads);
            }
        }
        Ok(files)
    }
}

fn look(store: &Store, folder: &Path, files: &Files, stem: &str, payload: &str) -> Option<Former> {
    let (name, digest) = parts_of(stem)?;
    let file = folder.join(payload);
    let metadata = fs::symlink_metadata(&file).ok()?;
    let text = fs::read(folder.join(format!("{stem}{PARAMS}"))).ok()?;
    let ordered: Option<Ordered> = serde_json::from_slice(&text).ok();
    let params: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    let is_certain = ordered.is_some_and(|tree| old_digest(name, &tree) == digest);
    // Its twin has to be whole: else this one may be all that is left.
    let is_whole = |stem: &str| matches!(store.listed(stem), Some(Listed::Whole(_)));
    let same = files.with_manifest.get(name).into_iter().flatten().find(|stem| {
        let text = fs::read(folder.join(format!("{stem}{PARAMS}"))).unwrap_or_default();
        serde_json::from_slice::<serde_json::Value>(&text).is_ok_and(|present| present == params) && is_whole(stem)
    });
    let advice = match (same, distrust(&file)) {
        (Some(artifact), _) => Advice::Adopted { artifact: artifact.clone() },
        (None, Some(reason)) => Advice::Distrusted { reason },
        (None, None) => Advice::Load,
    };
    Some(Former {
        name: name.to_owned(),
        digest: digest.to_owned(),
        size_bytes: size_of(&file, &metadata),
        modified: metadata.mtime().saturating_mul(1000) + metadata.mtime_nsec() / 1_000_000,
        file,
        params,
        is_certain,
        advice,
    })
}

fn size_of(path: &Path, metadata: &Metadata) -> u64 {
    if !metadata.is_dir() {
        return metadata.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(size_of(&entry.path(), &entry.metadata().ok()?))).sum()
}

/// Returns the payload name and the digest in a stem.
fn parts_of(stem: &str) -> Option<(&str, &str)> {
    let (name, digest) = stem.strip_suffix(')')?.rsplit_once('(')?;
    let is_digest = digest.len() == 32 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_digest && !name.is_empty()).then_some((name, digest))
}
