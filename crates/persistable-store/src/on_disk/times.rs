//! What the times of a file show.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use persistable_base::clock;

/// A file that changed this recently may change again without its times showing it.
const RACY_NANOSECONDS: i128 = 50_000_000;
/// The same where times are kept in seconds, or in pairs of them.
const COARSELY_RACY_NANOSECONDS: i128 = 2_500_000_000;

/// Whether a file has not changed for so long that every change from now on shows in its times.
pub(crate) fn is_settled(metadata: &Metadata) -> bool {
    now() > settles_at(metadata)
}

/// Returns when every later change of a file shows in its times, in nanoseconds since 1970.
pub(crate) fn settles_at(metadata: &Metadata) -> i128 {
    let is_coarse = metadata.mtime_nsec() == 0 && metadata.ctime_nsec() == 0;
    changed_at(metadata) + if is_coarse { COARSELY_RACY_NANOSECONDS } else { RACY_NANOSECONDS }
}

/// Returns when a file last changed, in nanoseconds since 1970, by the clock of the file system.
pub(crate) fn changed_at(metadata: &Metadata) -> i128 {
    i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())
}

/// Whether a file last changed so long ago that the system has surely written it to the disk.
pub(crate) fn is_surely_on_disk(metadata: &Metadata) -> bool {
    const HOUR: i128 = 3_600_000_000_000;
    now() > changed_at(metadata) + HOUR
}

/// Returns the time in nanoseconds since 1970, by the clock of this machine.
pub(crate) fn now() -> i128 {
    clock::since_1970().as_nanos() as i128
}
