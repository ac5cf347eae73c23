//! What is known of files by their stamps: in the process, and in a folder where the program names one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use persistable_base::fork::Table;
use persistable_store::Digest;

use super::digests_file;

/// So many digests are kept in the process; they are few bytes, but must not grow for ever.
const MOST_DIGESTS: usize = 1 << 16;

/// To read a smaller file takes no longer than to look its digest up on the disk.
const LEAST_BYTES_ON_DISK: u64 = 1 << 20;

static DIGESTS: Table<BTreeMap<[u8; 32], Digest>> = Table::new(BTreeMap::new());
static FOLDER: Table<Option<PathBuf>> = Table::new(None);

/// Caches the digests of large input files in a folder, so that other processes need not read these files again.
///
/// A digest is used only if device, inode, size, modification time and change time of the file have not changed. The
/// folder is created when it is needed. Processes may share it, and you may remove it at any time. It has at most about
/// 5 MB. Without this call, and after `None`, digests are cached only in the process.
///
/// ```
/// let cache = std::env::temp_dir().join("digests");
/// persistable::remember_digests_in(Some(cache));
/// # persistable::remember_digests_in(None);
/// ```
pub fn remember_digests_in(folder: Option<PathBuf>) {
    *FOLDER.lock() = folder;
}

/// Returns the digest of the file with this stamp.
pub(super) fn digest_of(stamp: Digest, size_bytes: u64) -> Option<Digest> {
    if let Some(digest) = DIGESTS.lock().get(stamp.as_bytes()) {
        return Some(*digest);
    }
    let digest = digests_file::read(&folder(size_bytes)?, stamp)?;
    keep(stamp, digest);
    Some(digest)
}

/// Remembers the digest of a file that was settled when it was read.
pub(super) fn remember(stamp: Digest, digest: Digest, size_bytes: u64) {
    keep(stamp, digest);
    if let Some(folder) = folder(size_bytes) {
        // Where it can't be written, the process alone remembers.
        let _ = digests_file::add(&folder, stamp, digest);
    }
}

fn folder(size_bytes: u64) -> Option<PathBuf> {
    if size_bytes < LEAST_BYTES_ON_DISK { None } else { FOLDER.lock().clone() }
}

fn keep(stamp: Digest, digest: Digest) {
    let mut digests = DIGESTS.lock();
    if digests.len() >= MOST_DIGESTS {
        digests.clear();
    }
    digests.insert(*stamp.as_bytes(), digest);
}
