//! The time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time in milliseconds since 1970.
#[must_use]
pub fn milliseconds() -> i64 {
    i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX)
}

/// Returns the time since 1970.
#[must_use]
pub fn since_1970() -> Duration {
    now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Returns the time, or the nearest that can be written: a machine without a clock of its own may believe any.
#[must_use]
pub fn now() -> SystemTime {
    const END_OF_9999: Duration = Duration::from_secs(253_402_300_799);
    SystemTime::now().clamp(UNIX_EPOCH, UNIX_EPOCH + END_OF_9999)
}
