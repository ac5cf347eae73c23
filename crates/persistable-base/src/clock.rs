//! The time, for people.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time, or the nearest that can be written: a machine without a clock of its own may believe any.
#[must_use]
pub fn now() -> SystemTime {
    const END_OF_9999: Duration = Duration::from_secs(253_402_300_799);
    SystemTime::now().clamp(UNIX_EPOCH, UNIX_EPOCH + END_OF_9999)
}
