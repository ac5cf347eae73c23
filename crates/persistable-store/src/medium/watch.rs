//! Being told by Linux which entries of a folder change.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::WatchFolder;

/// File systems that only this machine changes, through this system: ext4 and its elders, XFS, Btrfs, F2FS, ZFS, memory. Of a network
/// file system, the system tells only what this machine does.
const ONLY_OURS: [u32; 6] = [0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0x2FC1_2FC1, 0x0102_1994];

const BUFFER_BYTES: usize = 64 << 10;

/// Whether a folder is on a file system that only this machine changes.
pub(super) fn is_local(folder: &Path) -> bool {
    let Ok(found) = rustix::fs::statfs(folder) else { return false };
    ONLY_OURS.iter().any(|known| i128::from(*known) == i128::from(found.f_type))
}

/// A folder that the system watches.
#[derive(Debug)]
pub(super) struct Watched {
    events: OwnedFd,
    path: PathBuf,
    /// The device and inode of the folder.
    folder: (u64, u64),
    /// A forked child has the same events, and must not take them from its parent.
    process: u32,
    has_ended: bool,
}

impl Watched {
    /// Begins to watch; `None` where the system can't tell all changes, or tells no more folders to this account.
    pub(super) fn begin(path: &Path) -> Option<Self> {
        let folder = fs::metadata(path).ok()?;
        if !is_local(path) {
            return None;
        }
        let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
        let asked = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVE
            | WatchFlags::MODIFY
            | WatchFlags::ATTRIB
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        inotify::add_watch(&events, path, asked).ok()?;
        let folder = (folder.dev(), folder.ino());
        let watched = Self { events, path: path.to_owned(), folder, process: std::process::id(), has_ended: false };
        watched.is_at_path().then_some(watched)
    }

    /// Whether the folder that is watched is still the one at its path.
    fn is_at_path(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|there| (there.dev(), there.ino()) == self.folder)
    }
}

impl WatchFolder for Watched {
    fn changed(&mut self) -> Option<BTreeSet<OsString>> {
        if self.has_ended || self.process != std::process::id() {
            return None;
        }
        // Each change is told before the folder's lock is let go of. Listing takes that lock: whatever shows in the folder's times
        // by now is told by then.
        let is_listed = fs::read_dir(&self.path).is_ok_and(|mut entries| !matches!(entries.next(), Some(Err(_))));
        self.has_ended = !is_listed || !self.is_at_path();
        let mut names = BTreeSet::new();
        let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
        let mut reader = Reader::new(&self.events, &mut buffer);
        let end = ReadFlags::QUEUE_OVERFLOW
            | ReadFlags::IGNORED
            | ReadFlags::UNMOUNT
            | ReadFlags::DELETE_SELF
            | ReadFlags::MOVE_SELF;
        while !self.has_ended {
            match reader.next() {
                Ok(event) if event.events().intersects(end) => self.has_ended = true,
                Ok(event) => {
                    let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()).to_owned());
                    names.extend(name);
                }
                Err(Errno::AGAIN) => return Some(names),
                Err(Errno::INTR) => {}
                Err(_) => self.has_ended = true,
            }
        }
        None
    }
}
