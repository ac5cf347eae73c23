//! Cleaning up after processes that died.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Folder, stem_of_unique, unique_name};
use crate::Wait;
use crate::fork::Table;
use crate::lease::{Hold, Holder, Patience};
use crate::os;
use crate::place::Place;
use crate::staging::remove_any;

static SWEPT: Table<BTreeSet<PathBuf>> = Table::new(BTreeSet::new());

impl Folder {
    /// Removes from staging what holders left that are gone; once per process and folder.
    ///
    /// Everything in there is made under the lease of its artifact, so whoever gets that lease knows the maker is gone.
    /// What can't be removed does no harm.
    pub(super) fn sweep_once(&self, place: Place) {
        if !self.is_first_sweep() {
            return;
        }
        for (path, name) in entries(&self.own_folder("staging")) {
            if let Some(stem) = stem_of_unique(&name)
                && let Some(_hold) = self.try_hold(place, stem)
            {
                self.sweep(&path, stem);
            }
        }
    }

    /// Removes what a holder left in staging that died, under its lease.
    pub(super) fn sweep_after(&self, stem: &str) {
        for (path, name) in entries(&self.own_folder("staging")) {
            if stem_of_unique(&name) == Some(stem) {
                self.sweep(&path, stem);
            }
        }
    }

    /// Removes what is nobody's any more. A folder may be, or hold, a payload that changed places with the one that replaces
    /// it, and until that is durable a power cut can put it back.
    ///
    /// It goes at once, by a new name, and not file by file: where locks exclude nobody, its maker may live, and must not
    /// take what is left of it for the whole.
    fn sweep(&self, path: &Path, stem: &str) {
        if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            let _ = remove_any(path);
        } else if os::sync_folder(self.root()).is_ok() {
            let aside = self.own_folder("staging").join(unique_name(stem));
            let _ = fs::rename(path, &aside).and_then(|()| remove_any(&aside));
        }
    }

    fn is_first_sweep(&self) -> bool {
        let mut swept = SWEPT.lock();
        !swept.contains(self.root()) && swept.insert(self.root().to_owned())
    }

    fn try_hold(&self, place: Place, stem: &str) -> Option<Hold> {
        #[cfg(persistable_sabotage)]
        let stem = if crate::sabotage::is("sweep-held") { "nobody" } else { stem };
        let mut untold = |_: &Holder| {};
        let patience = Patience::new(Wait::NOT_AT_ALL, &mut untold, &|| false);
        Hold::acquire(place, stem, Some(self.lock_path()), patience).ok()
    }
}

fn entries(folder: &Path) -> Vec<(PathBuf, String)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.path(), entry.file_name().into_string().ok()?))
        })
        .collect()
}
