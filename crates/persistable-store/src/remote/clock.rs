//! The clocks that judge leases: they never go back, and are of this machine alone.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A clock that never goes back. It tells how long ago something was, and never which day it is.
///
/// A machine may be suspended. A holder counts that time: others may have taken its lease over meanwhile. Who waits for a lease
/// does not count it: the holder may be on the same machine, and could not renew its lease either.
#[derive(Clone, Default)]
pub struct Clock(Option<Given>);

type Given = Arc<dyn Fn(Suspended) -> Duration + Send + Sync>;

/// Whether the time counts during which the machine was suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspended {
    /// It counts.
    Counts,
    /// It does not.
    LeftOut,
}

impl Clock {
    /// Uses another clock, for models and tests: it returns the time since any moment.
    #[must_use]
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self::of_machine(move |_| now())
    }

    /// Uses another clock of a machine that may be suspended.
    #[must_use]
    pub fn of_machine(now: impl Fn(Suspended) -> Duration + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// Returns the time since some moment, for who waits for a lease.
    pub(super) fn awake(&self) -> Duration {
        match &self.0 {
            Some(now) => now(Suspended::LeftOut),
            None => awake(),
        }
    }

    /// Returns the time since some moment, for a holder.
    pub(super) fn now(&self) -> Duration {
        match &self.0 {
            Some(now) => now(Suspended::Counts),
            None => with_suspended().unwrap_or_else(awake),
        }
    }
}

fn awake() -> Duration {
    use persistable_base::fork::Lazy;
    static BEGIN: Lazy<Instant> = Lazy::new(Instant::now);
    BEGIN.elapsed()
}

/// `None` where this system has no such clock.
fn with_suspended() -> Option<Duration> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
    // On Apple's systems, this clock goes on while the machine sleeps.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(CLOCK);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Clock(given)" } else { "Clock(system)" })
    }
}
