//! Waiting for others: how long, what ends it sooner, and when somebody is told.

use std::time::{Duration, Instant};

/// How long a wait may last unmentioned.
const SILENCE: Duration = Duration::from_secs(1);
/// No pause before the notice is shorter.
const SHORTEST_PAUSE: Duration = Duration::from_micros(500);

/// How long to wait for another holder of a lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// Until it is done or dead.
    #[default]
    Forever,
    /// At most this long.
    AtMost(Duration),
}

impl Wait {
    /// Not at all: an error at once where another has the lease.
    pub const NOT_AT_ALL: Self = Self::AtMost(Duration::ZERO);
}

/// The limit of one wait for a holder `H`, what may end it sooner, and the one notice of it.
pub struct Patience<'a, H> {
    begin: Instant,
    limit: Option<Duration>,
    on_wait: Option<&'a mut dyn FnMut(&H)>,
    is_interrupted: &'a dyn Fn() -> bool,
}

/// Why a wait ended before what it was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEnd {
    /// Somebody interrupted it.
    Interrupted,
    /// It lasted this long, and its limit was shorter.
    Limit {
        /// How long the wait may last.
        limit: Duration,
        /// How long it lasted.
        waited: Duration,
    },
}

impl<'a, H> Patience<'a, H> {
    /// Begins a wait. After a second `on_wait` is told, once, for whom.
    #[must_use]
    pub fn new(wait: Wait, on_wait: &'a mut dyn FnMut(&H), is_interrupted: &'a dyn Fn() -> bool) -> Self {
        let limit = match wait {
            Wait::Forever => None,
            Wait::AtMost(limit) => Some(limit),
        };
        Self { begin: Instant::now(), limit, on_wait: Some(on_wait), is_interrupted }
    }

    /// Returns how long to pause before the next look, at most `pause`.
    ///
    /// # Errors
    ///
    /// The reason, where the wait is over.
    pub fn pause(&mut self, pause: Duration, holder: impl FnOnce() -> H) -> Result<Duration, WaitEnd> {
        let waited = self.begin.elapsed();
        if (self.is_interrupted)() {
            return Err(WaitEnd::Interrupted);
        }
        if let Some(limit) = self.limit
            && waited >= limit
        {
            return Err(WaitEnd::Limit { limit, waited });
        }
        if waited >= SILENCE
            && let Some(on_wait) = self.on_wait.take()
        {
            on_wait(&holder());
        }
        let until_limit = self.limit.map_or(pause, |limit| limit.saturating_sub(waited));
        let until_notice = match self.on_wait {
            Some(_) => SILENCE.saturating_sub(waited).max(SHORTEST_PAUSE),
            None => pause,
        };
        Ok(pause.min(until_limit).min(until_notice))
    }
}
