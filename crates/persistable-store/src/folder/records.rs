//! Records that many manifests share, by their digest: what code, what environment made an artifact.
//!
//! Nothing here is needed to read an artifact. A record that is lost or damaged costs the details of a warning.

use std::io::{self, Read};
use std::path::PathBuf;

use super::root::{Root, unique_name};
use crate::format::Digest;
use crate::on_disk::disk::write_new;

const FOLDER: &str = "records";
/// None is longer: this is room for some hundred thousand functions.
const MOST_RECORD_BYTES: u64 = 64 << 20;

/// Keeps a record, as far as possible: it is no reason for anything to fail.
pub(super) fn keep(root: &Root, digest: Digest, bytes: &[u8]) {
    if root.lately(|lately| lately.had_record(digest)) {
        return;
    }
    let (medium, path) = (root.medium(), path_of(root, digest));
    if medium.metadata(&path).is_ok_and(|found| found.len() == bytes.len() as u64) || !root.is_own_folder_inside(FOLDER)
    {
        return root.lately(|lately| lately.note_record(digest));
    }
    let folder = root.own_folder(FOLDER);
    let staged = folder.join(unique_name("record"));
    let write = || -> io::Result<()> {
        write_new(medium, &staged, bytes)?;
        root.share(&staged);
        medium.rename(&staged, &path)
    };
    if write().is_err() {
        let _ = root.create_own_folder(&folder);
        if write().is_err() {
            let _ = medium.remove_file(&staged);
        }
    }
}

/// Returns a record, unless it is lost.
pub(super) fn kept(root: &Root, digest: Digest) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = root.medium().open(&path_of(root, digest)).ok()?;
    file.take(MOST_RECORD_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn path_of(root: &Root, digest: Digest) -> PathBuf {
    root.own_folder(FOLDER).join(format!("{digest}.json"))
}
