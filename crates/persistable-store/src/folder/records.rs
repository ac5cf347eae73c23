//! Records that many manifests share, by their digest: what code, what environment made an artifact.
//!
//! Nothing here is needed to read an artifact. A record that is lost or damaged costs the details of a warning.

use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use super::{Folder, OWN_FOLDER, unique_name};
use crate::digest::Digest;
use crate::os;

/// None is longer: this is room for some hundred thousand functions.
const MOST_RECORD_BYTES: u64 = 64 << 20;

impl Folder {
    /// Keeps a record, as far as possible: it is no reason for anything to fail.
    pub(crate) fn keep_record(&self, digest: Digest, bytes: &[u8]) {
        let path = self.record_path(digest);
        if fs::symlink_metadata(&path).is_ok_and(|found| found.len() == bytes.len() as u64) {
            return;
        }
        let folder = self.own_folder("records");
        if os::is_link_at(&folder) || os::is_link_at(&self.root().join(OWN_FOLDER)) {
            return;
        }
        let staged = folder.join(unique_name("record"));
        let write = || -> io::Result<()> {
            os::create_own(&staged)?.write_all(bytes)?;
            fs::rename(&staged, &path)
        };
        if write().is_err() {
            let _ = os::create_folder_below(self.root(), &folder);
            if write().is_err() {
                let _ = fs::remove_file(&staged);
            }
        }
    }

    /// Returns a record, unless it is lost or is not what was kept.
    pub(crate) fn record(&self, digest: Digest) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = os::open_no_follow(&self.record_path(digest)).ok()?;
        file.take(MOST_RECORD_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    fn record_path(&self, digest: Digest) -> PathBuf {
        self.own_folder("records").join(format!("{digest}.json"))
    }
}
