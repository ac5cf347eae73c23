//! Remembering which files were verified, so that an unchanged one is not read in full twice.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::digest::Digest;
use crate::fork::{Lazy, Table};
use crate::os;

/// Below the data folder.
const FOLDERS: [&str; 2] = [".persistable", "verified"];

/// A file that changed this recently may change again without its time showing it.
const RACY_NANOSECONDS: i128 = 50_000_000;
/// So many stamps are kept in the process; they are few bytes, but must not grow for ever.
const MOST_STAMPS: usize = 1 << 16;

static STAMPS: Table<BTreeSet<[u8; 32]>> = Table::new(BTreeSet::new());
static HOST: Lazy<String> = Lazy::new(os::host);
/// What tells the machines apart that share a data folder, in file names.
static HOST_DIGITS: Lazy<String> =
    Lazy::new(|| blake3::hash(os::host().as_bytes()).to_hex().chars().take(16).collect());

/// What identifies unchanged files with a known digest: machine, device, inode, size, modification and change time.
pub(crate) struct Stamp {
    bytes: [u8; 32],
    /// Whether the files had not changed for a while when the stamp was taken, which is before they are read: any later
    /// change shows in their times.
    settled: bool,
}

impl Stamp {
    pub(crate) fn new<'a>(digest: Digest, files: impl IntoIterator<Item = &'a Metadata>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(HOST.as_bytes()).update(&[0]).update(digest.to_hex().as_bytes());
        let mut changed_nanoseconds = 0;
        for file in files {
            for number in [file.dev(), file.ino(), file.size()] {
                hasher.update(&number.to_be_bytes());
            }
            for number in [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()] {
                hasher.update(&number.to_be_bytes());
            }
            let changed = i128::from(file.ctime()) * 1_000_000_000 + i128::from(file.ctime_nsec());
            changed_nanoseconds = changed_nanoseconds.max(changed);
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i128);
        Self { bytes: hasher.finalize().into(), settled: now.saturating_sub(changed_nanoseconds) > RACY_NANOSECONDS }
    }
}

/// The memory of one artifact's last verification on this machine.
#[derive(Debug)]
pub(crate) struct Verified {
    data_folder: PathBuf,
    name: String,
}

impl Verified {
    pub(crate) fn of(data_folder: &Path, stem: &str) -> Self {
        Self { data_folder: data_folder.to_owned(), name: format!("{stem}~{}", *HOST_DIGITS) }
    }

    /// The memory for the artifact that a payload's file belongs to: no suffix has a parenthesis.
    pub(crate) fn of_payload(path: &Path) -> Self {
        let file = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let stem = file.rfind(')').and_then(|end| file.get(..=end)).unwrap_or(&file);
        Self::of(path.parent().unwrap_or(Path::new(".")), stem)
    }

    pub(crate) fn knows(&self, stamp: &Stamp) -> bool {
        if STAMPS.lock().contains(&stamp.bytes) {
            return true;
        }
        let known = self.read().is_ok_and(|bytes| bytes == stamp.bytes);
        if known {
            keep(stamp);
        }
        known
    }

    pub(crate) fn forget(&self) {
        if self.is_in_data_folder() {
            let _ = fs::remove_file(self.path());
        }
    }

    /// Whether no link leads elsewhere. To read there does no harm: what agrees was written here.
    fn is_in_data_folder(&self) -> bool {
        !os::is_link_at(&self.folder()) && !os::is_link_at(&self.data_folder.join(FOLDERS[0]))
    }

    fn folder(&self) -> PathBuf {
        self.data_folder.join(FOLDERS[0]).join(FOLDERS[1])
    }

    fn path(&self) -> PathBuf {
        self.folder().join(&self.name)
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        os::open_no_follow(&self.path())?.take(64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes a file of its own, never into what is there, which may be a link or a pipe.
    fn write(&self, stamp: &Stamp) -> io::Result<()> {
        os::create_own(&self.path())?.write_all(&stamp.bytes)
    }

    /// Remembers, as far as possible: in a folder that can't be written to, the process alone remembers.
    pub(crate) fn remember(&self, stamp: &Stamp) {
        if !stamp.settled {
            return;
        }
        keep(stamp);
        if !self.is_in_data_folder() {
            return;
        }
        // Torn or lost, the file does not equal the stamp, and the payload is verified once more.
        if let Err(error) = self.write(stamp) {
            let _ = match error.kind() {
                io::ErrorKind::AlreadyExists => fs::remove_file(self.path()),
                _ => os::create_folder_below(&self.data_folder, &self.folder()),
            };
            let _ = self.write(stamp);
        }
    }
}

fn keep(stamp: &Stamp) {
    let mut stamps = STAMPS.lock();
    if stamps.len() >= MOST_STAMPS {
        stamps.clear();
    }
    stamps.insert(stamp.bytes);
}
