//! How long to wait for a lease, and for whom.

use std::fmt;
use std::time::Duration;

use persistable_base::wait::WaitEnd;

use crate::error::{Error, ErrorKind, Result};
use crate::machine;

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
            (Some(process), Some(program)) => format!("process {process} ({program}) on {}", machine::host()),
            (Some(process), None) => format!("process {process} on {}", machine::host()),
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
pub(crate) type Patience<'a> = persistable_base::wait::Patience<'a, Holder>;

/// Returns how long to pause before the next try, at most `pause`; or an error when patience has run out.
pub(crate) fn pause_for(patience: &mut Patience<'_>, pause: Duration, holder: &Holder) -> Result<Duration> {
    patience.pause(pause, || holder.clone()).map_err(|end| match end {
        WaitEnd::Interrupted => Error::new(ErrorKind::Interrupted, format!("the wait for {holder} was interrupted")),
        WaitEnd::Limit { limit: Duration::ZERO, .. } => Error::new(ErrorKind::Busy, format!("it is held by {holder}")),
        WaitEnd::Limit { waited, .. } => {
            let waited = waited.as_secs_f64();
            Error::new(ErrorKind::Busy, format!("after {waited:.1} s it is still held by {holder}"))
        }
    })
}
