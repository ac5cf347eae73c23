//! Cleaning up after processes that died.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::accounts::mend;
use super::lock::{Lock, Tried};
use super::root::{Root, stem_of_unique, unique_name};
use crate::error::Result;
use crate::location::Identity;
use crate::on_disk::disk::remove_any;
use crate::patience::{Holder, Patience};
use crate::settings::Wait;
use crate::thread_locks::ThreadLock;

/// So often a process sweeps a folder: who persists a thousand artifacts a second must not list it for each of them.
const PAUSE: Duration = Duration::from_secs(60);

/// Removes from staging what holders left that are gone, now and then, and at a process's first lease in the folder; returns
/// whether it did. It leaves what belongs to a lease that this process has or is about to take: see [`sweep_after`].
///
/// Everything in there is made under the lease of its artifact, so whoever gets that lease knows the maker is gone.
/// What can't be removed does no harm.
pub(super) fn sweep_lately(root: &Arc<Root>, identity: Identity) -> Result<bool> {
    if root.lately(|lately| lately.was_swept_within(PAUSE)) {
        return Ok(false);
    }
    root.check_own_folders()?;
    if let Ok(data_folder) = root.metadata() {
        mend(root, &data_folder);
    }
    for (path, name) in entries(root) {
        if let Some(stem) = stem_of_unique(&name)
            && let Some(_hold) = try_hold(root, identity, stem)
        {
            sweep(root, &path, stem);
        }
    }
    Ok(true)
}

/// Removes what the last holder of a lease left in staging, if it died, under that lease.
pub(super) fn sweep_after(root: &Root, stem: &str) {
    for (path, name) in entries(root) {
        if stem_of_unique(&name) == Some(stem) {
            sweep(root, &path, stem);
        }
    }
}

/// Removes what is nobody's any more. A folder may be, or hold, a payload that changed places with the one that replaces
/// it, and until that is durable a power cut can put it back.
///
/// It goes at once, by a new name, and not file by file: where locks exclude nobody, its maker may live, and must not
/// take what is left of it for the whole.
fn sweep(root: &Root, path: &Path, stem: &str) {
    let medium = root.medium();
    if !medium.metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        let _ = remove_any(medium, path);
    } else if root.sync().is_ok() {
        let aside = root.staging().join(unique_name(stem));
        let _ = medium.rename(path, &aside).and_then(|()| remove_any(medium, &aside));
    }
}

/// What excludes other processes, and then other threads: while the thread lock is held, no other thread takes the lock.
pub(super) fn try_hold(root: &Arc<Root>, identity: Identity, stem: &str) -> Option<(Lock, ThreadLock)> {
    let mut untold = |_: &Holder| {};
    let mut patience = Patience::new(Wait::NOT_AT_ALL, &mut untold, &|| false);
    let (thread_lock, _) = root.process.thread_locks.acquire(identity, stem, &mut patience).ok()?;
    match Lock::try_acquire(root, identity, stem).ok()? {
        Tried::Locked(lock) => Some((lock, thread_lock)),
        Tried::HeldBy(_) => None,
    }
}

fn entries(root: &Root) -> Vec<(PathBuf, String)> {
    let folder = root.staging();
    let entries = root.medium().list(folder).unwrap_or_default();
    entries.into_iter().filter_map(|entry| Some((folder.join(&entry.name), entry.name.into_string().ok()?))).collect()
}
