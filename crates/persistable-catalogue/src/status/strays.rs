//! Payloads in a folder that no manifest names: nothing loads them, and they take space.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use persistable_store::Store;
use persistable_store::backend::owns_payload_file;
use serde::Serialize;

use crate::index::digest_of;

const MANIFEST: &str = ".manifest.json";
/// What the names of files end with that are no payloads.
const OTHERS: [&str; 3] = [MANIFEST, ".params.json", ".tags.json"];

/// Payloads without a manifest: somebody deleted the manifest, a writer died, or persistable 1.x wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Strays {
    /// The names of their files or folders.
    pub payloads: BTreeSet<String>,
    /// Their bytes.
    pub size_bytes: u64,
}

/// Looks for payloads without a manifest. In a store that is not a folder, there are none to be seen.
pub(super) fn strays(store: &Store) -> io::Result<Strays> {
    let mut found = Strays::default();
    let Some(folder) = store.path() else { return Ok(found) };
    // The hashes of a million names take little memory.
    let (mut manifests, mut payloads) = (HashSet::new(), HashSet::new());
    each_name(folder, |name| {
        if let Some(stem) = name.strip_suffix(MANIFEST) {
            manifests.insert(digest_of(stem));
        } else if let Some(stem) = stem_of_payload(name) {
            payloads.insert(digest_of(stem));
        }
    })?;
    payloads.retain(|stem| !manifests.contains(stem));
    if payloads.is_empty() {
        return Ok(found);
    }
    each_name(folder, |name| {
        let Some(stem) = stem_of_payload(name).filter(|stem| payloads.contains(&digest_of(stem))) else { return };
        // It may have come meanwhile: it comes after the payload.
        if !folder.join(format!("{stem}{MANIFEST}")).exists() {
            found.size_bytes += size_of(&folder.join(name));
            found.payloads.insert(name.to_owned());
        }
    })?;
    Ok(found)
}

fn each_name(folder: &Path, mut tell: impl FnMut(&str)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let name: OsString = entry?.file_name();
        name.to_str().map(&mut tell);
    }
    Ok(())
}

/// Returns the stem of what may be a payload: it ends with half a key.
fn stem_of_payload(name: &str) -> Option<&str> {
    let (stem, _) = name.rfind(')').and_then(|end| name.split_at_checked(end + 1))?;
    let digits = stem.strip_suffix(')')?.rsplit_once('(')?.1;
    let is_half_a_key = digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_payload = is_half_a_key && !OTHERS.iter().any(|other| name.ends_with(other));
    (is_payload && owns_payload_file(stem, name)).then_some(stem)
}

fn size_of(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size_of(&entry.path())).sum()
}
