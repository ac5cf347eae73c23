//! Trying again: how often, and after which pause.

use std::time::{Duration, Instant};

use crate::engine::root::{RemoteObjects, Setup};
use crate::error::{Error, Result};
use crate::random;
use crate::service::{Ended, Fault};
use crate::stop::Stop;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The tries of one operation.
#[derive(Debug)]
pub(super) struct Tries<'a> {
    setup: &'a Setup,
    begin: Instant,
    failed: u32,
    may_have_landed: bool,
}

impl<'a> Tries<'a> {
    pub(super) fn new(setup: &'a Setup) -> Self {
        Self { setup, begin: Instant::now(), failed: 0, may_have_landed: false }
    }

    /// Whether a request may have done what it was for although it failed.
    pub(super) fn may_have_landed(&self) -> bool {
        self.may_have_landed
    }

    /// Notes a fault.
    pub(super) fn note(&mut self, fault: &Fault) {
        self.may_have_landed |= fault.may_have_landed;
    }

    /// Waits before the next try.
    ///
    /// # Errors
    ///
    /// The fault, if trying again can't help, or if there were enough tries.
    pub(super) fn again(&mut self, stop: Stop<'_>, fault: Fault) -> Result<()> {
        self.note(&fault);
        let pause = self.pause(fault.pause);
        self.failed += 1;
        let policy = &self.setup.policy;
        let is_over = self.failed > policy.retries || self.begin.elapsed() + pause > policy.retry_timeout;
        if matches!(fault.ended, Ended::Final(_) | Ended::Lost) {
            return Err(self.error(fault));
        }
        if is_over {
            let failed = self.failed;
            let mut fault = fault;
            if failed > 1 {
                fault.message = format!("{} (tried {failed} times)", fault.message);
            }
            return Err(self.error(fault));
        }
        let (store, pause_ms) = (&*self.setup.location, pause.as_millis());
        tracing::debug!(store, pause_ms, failed = self.failed, "trying again: {}", fault.message);
        stop.pause(pause).map_err(|error| error.outcome_unknown(self.may_have_landed))
    }

    fn error(&self, fault: Fault) -> Error {
        fault.into_error().outcome_unknown(self.may_have_landed)
    }

    /// A random time up to a limit that doubles, so that many clients do not come back at once.
    fn pause(&self, asked: Option<Duration>) -> Duration {
        let limit = FIRST_PAUSE.saturating_mul(1 << self.failed.min(10)).min(LONGEST_PAUSE);
        let jittered = limit.mul_f64(0.25 + 0.75 * random::fraction());
        asked.map_or(jittered, |asked| asked.min(LONGEST_PAUSE) + jittered / 4)
    }
}

impl RemoteObjects {
    /// Sends a request that may be sent twice without harm, until it is answered.
    pub(super) fn attempts<T>(&self, stop: Stop<'_>, mut send: impl FnMut(Stop<'_>) -> Result<T, Fault>) -> Result<T> {
        let mut tries = Tries::new(&self.setup);
        loop {
            stop.check()?;
            match send(stop) {
                Ok(done) => return Ok(done),
                Err(fault) => tries.again(stop, fault)?,
            }
        }
    }
}
