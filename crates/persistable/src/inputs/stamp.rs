//! What tells that a file has not changed, without reading it.
//!
//! A stamp is a digest of machine, device, inode, size, modification time and change time. The change time is needed because
//! programs may put the modification time back.
//!
//! A stamp alone is not enough: writes through a memory map may leave all of that as it is for many seconds. On a file system
//! in memory they may do so for ever. So a stamp counts only if the file was settled when it was read: not in memory, and
//! unchanged for a minute.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use persistable_base::clock;
use persistable_store::Digest;

/// When a file counts as settled.
#[derive(Clone, Copy)]
pub(super) struct Settling {
    pub now: fn() -> SystemTime,
    pub after: Duration,
    pub is_in_memory: fn(&File) -> bool,
}

impl Settling {
    /// After a minute, by the clock of the system.
    pub(super) const REAL: Self = Self { now: clock::now, after: Duration::from_secs(60), is_in_memory };

    /// Whether any change from now on will show in the stamp of an open file.
    pub(super) fn is_settled(&self, file: &File, metadata: &Metadata) -> bool {
        let now = (self.now)().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i128);
        let modified = nanoseconds(metadata.mtime(), metadata.mtime_nsec());
        let changed = nanoseconds(metadata.ctime(), metadata.ctime_nsec());
        now.saturating_sub(modified.max(changed)) >= self.after.as_nanos() as i128 && !(self.is_in_memory)(file)
    }
}

/// Returns the stamp of a file.
pub(super) fn stamp_of(metadata: &Metadata) -> Digest {
    let mut text = rustix::system::uname().nodename().to_bytes().to_vec();
    text.push(0);
    for number in [metadata.dev(), metadata.ino(), metadata.size()] {
        text.extend(number.to_be_bytes());
    }
    for number in [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()] {
        text.extend(number.to_be_bytes());
    }
    Digest::of(&text)
}

fn nanoseconds(seconds: i64, nanoseconds: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
}

/// Whether a file lies on a file system in memory, which may never tell of writes through a map.
#[cfg(target_os = "linux")]
fn is_in_memory(file: &File) -> bool {
    const TMPFS: i128 = 0x0102_1994;
    const RAMFS: i128 = 0x8584_58f6;
    // Where the system does not tell, the file may lie on one.
    rustix::fs::fstatfs(file).map_or(true, |system| [TMPFS, RAMFS].contains(&(i128::from(system.f_type) & 0xffff_ffff)))
}

#[cfg(not(target_os = "linux"))]
fn is_in_memory(_: &File) -> bool {
    false
}
