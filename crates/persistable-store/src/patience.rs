//! How long to wait for a lease, and for whom.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::machine;
use crate::settings::Wait;

/// How long a wait may last unmentioned.
const SILENCE: Duration = Duration::from_secs(1);
/// The shortest pause between two looks.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_micros(500);

/// Who has a lease that is waited for.
#[derive(Clone, Debug)]
pub struct Holder(String);

impl Holder {
    /// Names a holder, as in "it is held by …".
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Names a process of this machine, or one that is not known.
    pub(crate) fn of_process(process: Option<u32>) -> Self {
        Self(match (process, process.and_then(machine::program_of)) {
            (Some(process), Some(program)) => format!("process {process} ({program})"),
            (Some(process), None) => format!("process {process}"),
            (None, _) => "a process of another machine".to_owned(),
        })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The limit of a wait, what may end it sooner, and the one notice of it.
pub(crate) struct Patience<'a> {
    begin: Instant,
    limit: Option<Duration>,
    on_wait: Option<&'a mut dyn FnMut(&Holder)>,
    is_interrupted: &'a dyn Fn() -> bool,
}

impl<'a> Patience<'a> {
    pub(crate) fn new(wait: Wait, on_wait: &'a mut dyn FnMut(&Holder), is_interrupted: &'a dyn Fn() -> bool) -> Self {
        let limit = match wait {
            Wait::Forever => None,
            Wait::AtMost(limit) => Some(limit),
        };
        Self { begin: Instant::now(), limit, on_wait: Some(on_wait), is_interrupted }
    }

    /// Returns how long to pause before the next try, at most `pause`; or an error when patience has run out.
    pub(crate) fn pause(&mut self, pause: Duration, holder: impl FnOnce() -> Holder) -> Result<Duration> {
        let waited = self.begin.elapsed();
        if (self.is_interrupted)() {
            let message = format!("the wait for {} was interrupted", holder());
            return Err(Error::new(ErrorKind::Interrupted, message));
        }
        if let Some(limit) = self.limit
            && waited >= limit
        {
            let still = if limit.is_zero() {
                "it is".to_owned()
            } else {
                format!("after {:.1} s it is still", waited.as_secs_f64())
            };
            return Err(Error::new(ErrorKind::Busy, format!("{still} held by {}", holder())));
        }
        if waited >= SILENCE
            && let Some(on_wait) = self.on_wait.take()
        {
            on_wait(&holder());
        }
        let until_limit = self.limit.map_or(pause, |limit| limit.saturating_sub(waited));
        let until_notice = match self.on_wait {
            Some(_) => SILENCE.saturating_sub(waited).max(FIRST_PAUSE),
            None => pause,
        };
        Ok(pause.min(until_limit).min(until_notice))
    }
}
