//! Ending early, because the caller asks for it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use persistable_base::sync::thread;

use crate::error::{Error, Result};

/// The caller's function is asked this often while something is waited for.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// The caller's function, which says whether to stop.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<dyn Fn() -> bool + Send + Sync>);

impl Interrupt {
    pub(crate) fn new(is_interrupted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_interrupted))
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new(|| false)
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupt")
    }
}

/// What a thread asks whether to go on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop<'a> {
    /// The caller's function. Only the thread that called asks it: Python hears of Ctrl-C in one thread only.
    Ask(&'a Interrupt),
    /// What the calling thread tells the threads that work for it.
    Told(&'a AtomicBool),
    /// Nobody: the time decides.
    Until(Instant),
}

impl Stop<'_> {
    /// Whether to end.
    pub(crate) fn is_set(self) -> bool {
        match self {
            Self::Ask(interrupt) => (interrupt.0)(),
            Self::Told(flag) => flag.load(Ordering::Relaxed),
            Self::Until(end) => Instant::now() >= end,
        }
    }

    /// Fails if it is to end.
    pub(crate) fn check(self) -> Result<()> {
        if self.is_set() { Err(Error::interrupted()) } else { Ok(()) }
    }

    /// Waits so long.
    pub(crate) fn pause(self, pause: Duration) -> Result<()> {
        let begin = Instant::now();
        loop {
            self.check()?;
            match pause.checked_sub(begin.elapsed()) {
                None | Some(Duration::ZERO) => return Ok(()),
                Some(rest) => thread::sleep(rest.min(TICK)),
            }
        }
    }
}
