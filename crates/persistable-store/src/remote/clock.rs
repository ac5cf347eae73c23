//! The clock that judges leases: one that never goes back, of this machine alone.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A clock that never goes back. It tells how long ago something was, and never which day it is.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<dyn Fn() -> Duration + Send + Sync>>);

impl Clock {
    /// Uses another clock, for models and tests: it returns the time since any moment.
    #[must_use]
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// Returns the time since some moment.
    pub(super) fn now(&self) -> Duration {
        match &self.0 {
            Some(now) => now(),
            None => system(),
        }
    }
}

fn system() -> Duration {
    use persistable_base::fork::Lazy;
    static BEGIN: Lazy<Instant> = Lazy::new(Instant::now);
    BEGIN.elapsed()
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Clock(given)" } else { "Clock(system)" })
    }
}
