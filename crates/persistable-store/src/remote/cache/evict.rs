//! Making room: what was not used for longest goes first.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::entry::payload_in;
use super::folder::{Lock, discard, empty_trash, lock_in, names_in, open_or_create, try_lock};
use super::new_entry::downloads;
use super::usage::{self, ENTRY_BYTES};

/// What nobody locks, since there are no locks, is left alone for so long.
const LEFT_ALONE: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug)]
struct EvictionCandidate {
    used: SystemTime,
    bytes: u64,
    folder: PathBuf,
}

/// Removes entries until a tenth of the limit is free beside what is going to be added, unless another process does so at this
/// moment.
pub(super) fn make_room(cache: &Path, limit_bytes: u64, added_bytes: u64) {
    let Ok(Some(lock)) = open_or_create(&cache.join("evicting")).and_then(try_lock) else { return };
    empty_trash(cache);
    sweep(cache, &downloads(cache), "used");
    sweep(cache, &cache.join("loans"), "lock");
    let mut candidates = candidates(cache);
    let mut bytes = candidates.iter().fold(0_u64, |sum, candidate| sum.saturating_add(candidate.bytes));
    bytes = bytes.saturating_add(under_way(cache)).saturating_add(added_bytes);
    if bytes > limit_bytes {
        candidates.sort_by_key(|candidate| candidate.used);
        for candidate in candidates {
            if bytes <= limit_bytes - limit_bytes / 10 {
                break;
            }
            if discard(cache, &candidate.folder).is_ok() {
                bytes = bytes.saturating_sub(candidate.bytes);
            }
        }
    }
    let _ = usage::note(cache, bytes);
    // A child that was forked meanwhile has the file open as well, and would keep the lock.
    let _ = lock.unlock();
}

fn candidates(cache: &Path) -> Vec<EvictionCandidate> {
    let mut found = Vec::new();
    for name in names_in(cache).into_iter().filter(|name| name.len() == 2) {
        let folder = cache.join(name);
        for entry in names_in(&folder) {
            let folder = folder.join(entry);
            let used = fs::metadata(folder.join("used")).or_else(|_| fs::metadata(&folder));
            let Ok(used) = used.and_then(|used| used.modified()) else { continue };
            let bytes = bytes_of(&payload_in(&folder)).saturating_add(ENTRY_BYTES);
            found.push(EvictionCandidate { used, bytes, folder });
        }
    }
    found
}

/// Returns how many bytes the downloads have that are under way.
fn under_way(cache: &Path) -> u64 {
    let downloads = downloads(cache);
    names_in(&downloads).iter().fold(0, |sum, name| sum.saturating_add(bytes_of(&payload_in(&downloads.join(name)))))
}

fn bytes_of(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    names_in(path).iter().fold(0, |sum, name| sum.saturating_add(bytes_of(&path.join(name))))
}

/// Removes the folders in a folder whose makers have died: nobody has the lock of the file `lock` in them.
fn sweep(cache: &Path, folder: &Path, lock: &str) {
    for name in names_in(folder) {
        let path = folder.join(name);
        let is_old =
            |metadata: Metadata| metadata.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age > LEFT_ALONE));
        // The lock is held until the folder is away, so that nobody goes on in it. One that is not there yet is not made.
        let locked = if path.join(lock).exists() { lock_in(&path, lock) } else { Ok(Lock::Impossible) };
        let is_left = match &locked {
            Ok(Lock::Taken(_)) => true,
            Ok(Lock::Busy | Lock::Moved) => false,
            Ok(Lock::Impossible) | Err(_) => fs::metadata(&path).is_ok_and(is_old),
        };
        if is_left {
            let _ = discard(cache, &path);
        }
    }
}
