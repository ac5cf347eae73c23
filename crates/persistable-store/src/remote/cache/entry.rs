//! One payload in the cache.

use std::fs::{self, File, FileTimes, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use persistable_base::clock;
use persistable_base::fork::Table;

use super::folder::open_or_create;
use crate::format::PayloadRecord;
use crate::medium::{Medium, System};
use crate::on_disk::author::author_of;
use crate::on_disk::verified::{Stamp, Verified};
use crate::on_disk::{OnDisk, Site, Stamps};
use crate::trust::Author;

/// From this size on, it is remembered that a payload was verified when it was downloaded.
const REMEMBERED_BYTES: u64 = 1 << 20;
/// To write a time costs more than to look at it. What was used so short a time ago is not noted again.
const JUST_NOW: Duration = Duration::from_secs(10);
/// So far the time of the last change is set back, so that later changes show. Some file systems count in two seconds.
const SET_BACK: Duration = Duration::from_secs(4);

static STAMPS: Stamps = Table::new(std::collections::BTreeSet::new());

/// An entry, which may be there or not.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) folder: PathBuf,
}

impl Entry {
    pub(super) fn new(cache: &Path, record: &PayloadRecord) -> Self {
        // A file might have the bytes of a folder's listing.
        let kind = if record.files.is_some() { "-folder" } else { "" };
        let name = format!("{}{kind}", record.digest.to_hex());
        let folder = cache.join(name.get(..2).unwrap_or_default()).join(&name);
        Self { name, folder }
    }

    pub(super) fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.folder).is_ok()
    }

    /// Returns what tells the entry from another one of this name; `None` where it is not there.
    pub(super) fn identity(&self) -> Option<(u64, u64)> {
        fs::symlink_metadata(&self.folder).ok().map(|folder| (folder.dev(), folder.ino()))
    }

    /// Returns what reads the payload.
    pub(super) fn payload(&self) -> OnDisk<EntrySite> {
        self.payload_at(&self.payload_path())
    }

    /// Returns what reads the payload at another path.
    pub(super) fn payload_at(&self, path: &Path) -> OnDisk<EntrySite> {
        OnDisk::new(Arc::new(EntrySite(self.folder.clone())), path.to_owned())
    }

    pub(super) fn payload_path(&self) -> PathBuf {
        payload_in(&self.folder)
    }

    /// Notes that it was used.
    pub(super) fn touch(&self) {
        let used = self.folder.join("used");
        let now = clock::now();
        let noted = fs::metadata(&used).and_then(|used| used.modified());
        if noted.is_ok_and(|noted| now.duration_since(noted).is_ok_and(|age| age < JUST_NOW)) {
            return;
        }
        let times = FileTimes::new().set_accessed(now).set_modified(now);
        // What can't be noted is evicted earlier.
        let _ = open_or_create(&used).and_then(|file| file.set_times(times));
    }

    /// Remembers that a payload in a folder, which becomes the entry, was verified.
    pub(super) fn remember(&self, folder: &Path, record: &PayloadRecord) {
        if record.files.is_some() || record.size_bytes < REMEMBERED_BYTES {
            return;
        }
        let dated = || -> io::Result<Metadata> {
            let file = File::open(payload_in(folder))?;
            file.set_modified(clock::now() - SET_BACK)?;
            file.metadata()
        };
        if let Ok(metadata) = dated() {
            let site = EntrySite(folder.to_owned());
            Verified::of_payload(&site, record).remember(&Stamp::of_writer(record.digest, &metadata, false));
        }
    }
}

/// Returns where the payload is in an entry's folder.
pub(super) fn payload_in(folder: &Path) -> PathBuf {
    folder.join("payload")
}

/// An entry's folder, as the site of its payload.
#[derive(Debug)]
pub(super) struct EntrySite(PathBuf);

impl Site for EntrySite {
    fn medium(&self) -> &dyn Medium {
        &System
    }

    fn author(&self, metadata: &Metadata, _record: &PayloadRecord) -> Author {
        author_of(metadata)
    }

    fn stamps(&self) -> &'static Stamps {
        &STAMPS
    }

    fn verified_name<'a>(&self, _record: &'a PayloadRecord) -> &'a str {
        "verified"
    }

    fn verified_folder(&self) -> PathBuf {
        self.0.clone()
    }

    fn may_remember(&self) -> bool {
        true
    }

    fn create_verified_folder(&self) -> io::Result<()> {
        Ok(()) // An entry that was evicted is not made again by this.
    }
}
