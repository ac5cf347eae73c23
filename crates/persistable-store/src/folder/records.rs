//! Records that many manifests share, by their digest: what code, what environment made an artifact.
//!
//! Nothing here is needed to read an artifact. A record that is lost or damaged costs the details of a warning.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::root::{Root, unique_name};
use crate::error::{Error, Result};
use crate::format::Digest;
use crate::on_disk::disk::{is_link, is_no_file, write_new};

const FOLDER: &str = "records";
/// None is longer: this is room for some hundred thousand functions.
const MOST_RECORD_BYTES: u64 = 64 << 20;

/// Keeps a record.
pub(super) fn keep(root: &Root, digest: Digest, bytes: &[u8]) -> Result<()> {
    if root.lately(|lately| lately.had_record(digest)) {
        return Ok(());
    }
    let (medium, path) = (root.medium(), path_of(root, digest));
    if medium.metadata(&path).is_ok_and(|found| found.len() == bytes.len() as u64) || !root.is_own_folder_inside(FOLDER)
    {
        root.lately(|lately| lately.note_record(digest));
        return Ok(());
    }
    let folder = root.own_folder(FOLDER);
    let staged = folder.join(unique_name("record"));
    let write = || -> io::Result<()> {
        write_new(medium, &staged, bytes)?;
        root.share(&staged);
        medium.rename(&staged, &path)
    };
    if write().is_ok() {
        return Ok(());
    }
    let _ = root.create_own_folder(&folder);
    write().map_err(|error| {
        let _ = medium.remove_file(&staged);
        Error::io("write", &path, error)
    })
}

/// Returns a record, unless it is lost.
pub(super) fn kept(root: &Root, digest: Digest) -> Result<Option<Vec<u8>>> {
    let path = path_of(root, digest);
    let file = match root.medium().open(&path) {
        Ok(file) => file,
        Err(error) if is_lost(root, &path, &error) => return Ok(None),
        Err(error) => return Err(Error::io("open", &path, error)),
    };
    let mut bytes = Vec::new();
    match file.take(MOST_RECORD_BYTES).read_to_end(&mut bytes) {
        Ok(_) => Ok(Some(bytes)),
        Err(_) if is_no_file(root.medium(), &path) => Ok(None),
        Err(error) => Err(Error::io("read", &path, error)),
    }
}

/// Whether nothing is there for this account, or something that can't be a record. The folder's owner may keep the records private.
fn is_lost(root: &Root, path: &Path, error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied)
        || is_link(error)
        || is_no_file(root.medium(), path)
}

fn path_of(root: &Root, digest: Digest) -> PathBuf {
    root.own_folder(FOLDER).join(format!("{digest}.json"))
}
