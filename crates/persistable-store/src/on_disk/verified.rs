//! Remembering which files were verified, so that an unchanged one is not read in full twice.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use persistable_base::fork::Lazy;

use super::disk::write_new;
use super::site::Site;
use super::times::{changed_at, is_surely_on_disk, now, settles_at};
use crate::format::{Digest, PayloadRecord};
use crate::machine;

/// So many stamps are kept in the process; they are few bytes, but must not grow for ever.
const MOST_STAMPS: usize = 1 << 16;

/// What tells apart the times at which this machine was started; absent where the system does not tell.
static BOOT: Lazy<Option<String>> = Lazy::new(|| fs::read_to_string("/proc/sys/kernel/random/boot_id").ok());

/// What identifies unchanged files with a known digest: machine, device, inode, size, modification and change time.
pub(crate) struct Stamp {
    bytes: [u8; 32],
    /// The same, which no stamp from before the machine was started equals.
    until_restart: Option<[u8; 32]>,
    /// When any later change shows in the files' times; absent where it does already.
    settles_at: Option<i128>,
    /// Whether the files are on the disk as they are in memory. If not, a power cut may change them.
    is_on_disk: bool,
}

impl Stamp {
    /// Takes the stamp of files that are going to be verified.
    pub(crate) fn new<'a>(digest: Digest, files: impl IntoIterator<Item = &'a Metadata>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(machine::host().as_bytes()).update(&[0]).update(digest.to_hex().as_bytes());
        let mut stamp = Self { bytes: [0; 32], until_restart: None, settles_at: None, is_on_disk: true };
        for file in files {
            for number in [file.dev(), file.ino(), file.size()] {
                hasher.update(&number.to_be_bytes());
            }
            for number in [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()] {
                hasher.update(&number.to_be_bytes());
            }
            stamp.settles_at = stamp.settles_at.max(Some(settles_at(file)));
            stamp.is_on_disk &= is_surely_on_disk(file);
        }
        stamp.bytes = hasher.finalize().into();
        stamp.until_restart = BOOT.as_ref().map(|boot| hasher.update(boot.as_bytes()).finalize().into());
        stamp
    }

    /// Takes the stamp of a file that this process wrote, and whose modification time it set back: whatever is written to it
    /// from now on shows.
    pub(crate) fn of_writer(digest: Digest, file: &Metadata, is_synced: bool) -> Self {
        Self { settles_at: None, is_on_disk: is_synced, ..Self::new(digest, [file]) }
    }

    fn is_settled_at(&self, time: i128) -> bool {
        self.settles_at.is_none_or(|settles_at| time > settles_at)
    }
}

/// The memory of one artifact's last verification on this machine.
pub(crate) struct Verified<'a> {
    site: &'a dyn Site,
    name: String,
}

impl<'a> Verified<'a> {
    pub(crate) fn of(site: &'a dyn Site, name: &str) -> Self {
        // Several machines may share a data folder.
        Self { site, name: format!("{name}~{}", machine::host_digits(16)) }
    }

    /// The memory for the artifact that a payload belongs to.
    pub(crate) fn of_payload(site: &'a dyn Site, record: &PayloadRecord) -> Self {
        Self::of(site, site.verified_name(record))
    }

    pub(crate) fn knows(&self, stamp: &Stamp) -> bool {
        if self.site.stamps().lock().contains(&stamp.bytes) {
            return true;
        }
        let Ok(known) = self.read() else { return false };
        let is_known = known == stamp.bytes || stamp.until_restart.is_some_and(|bytes| known == bytes);
        if is_known {
            self.keep(stamp);
        }
        is_known
    }

    pub(crate) fn forget(&self) {
        if self.site.may_remember() {
            let _ = self.site.medium().remove_file(&self.path());
        }
    }

    fn path(&self) -> PathBuf {
        self.site.verified_folder().join(&self.name)
    }

    /// To read where a link leads does no harm: what agrees was written here.
    fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.site.medium().open(&self.path())?.take(64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Remembers, as far as possible: in a folder that can't be written to, the process alone remembers.
    pub(crate) fn remember(&self, stamp: &Stamp) {
        if !stamp.is_settled_at(now()) {
            return;
        }
        let lasting = if stamp.is_on_disk { Some(stamp.bytes) } else { stamp.until_restart };
        let written = lasting.filter(|_| self.site.may_remember()).and_then(|bytes| self.write(&bytes));
        // The clock of a file server may differ from the one here. The new file has a time of the former.
        let is_settled = written.and_then(|file| file.metadata().ok());
        if is_settled.is_none_or(|file| stamp.is_settled_at(changed_at(&file))) {
            self.keep(stamp);
        } else {
            let _ = self.site.medium().remove_file(&self.path());
        }
    }

    /// Writes a file of its own, never into what is there, which may be a link or a pipe. Torn or lost, it does not equal the
    /// stamp, and the payload is verified once more.
    fn write(&self, bytes: &[u8]) -> Option<File> {
        let (medium, path) = (self.site.medium(), self.path());
        let written = write_new(medium, &path, bytes).or_else(|error| {
            let _ = match error.kind() {
                io::ErrorKind::AlreadyExists => medium.remove_file(&path),
                _ => self.site.create_verified_folder(),
            };
            write_new(medium, &path, bytes)
        });
        let file = written.ok()?;
        self.site.share(&path);
        Some(file)
    }

    fn keep(&self, stamp: &Stamp) {
        let mut stamps = self.site.stamps().lock();
        if stamps.len() >= MOST_STAMPS {
            stamps.clear();
        }
        stamps.insert(stamp.bytes);
    }
}
