//! Ending early, because the caller asks for it.

use std::cell::RefCell;
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
    /// What the calling thread was told by [`for_at_most`] or [`until_told`].
    Instead,
}

thread_local! {
    /// What this thread asks instead of the caller's function.
    static INSTEAD: RefCell<Option<Instead>> = const { RefCell::new(None) };
}

#[derive(Clone, Debug)]
enum Instead {
    Until(Instant),
    Told(Arc<AtomicBool>),
}

/// Calls `act`. Meanwhile the verbs of stores do not ask the caller's function on this thread, and end when the time is over: for
/// what must be done also after an interrupt, and for threads in the background.
pub fn for_at_most<T>(limit: Duration, act: impl FnOnce() -> T) -> T {
    instead(Instead::Until(Instant::now() + limit), act)
}

/// Calls `act`. Meanwhile the verbs of stores do not ask the caller's function on this thread, and end when the flag is set: for
/// threads that work for another one, which asks.
pub fn until_told<T>(flag: &Arc<AtomicBool>, act: impl FnOnce() -> T) -> T {
    instead(Instead::Told(Arc::clone(flag)), act)
}

fn instead<T>(instead: Instead, act: impl FnOnce() -> T) -> T {
    /// Puts back what was there before, also after a panic.
    struct Restore(Option<Instead>);
    impl Drop for Restore {
        fn drop(&mut self) {
            INSTEAD.with(|slot| *slot.borrow_mut() = self.0.take());
        }
    }
    let _restore = Restore(INSTEAD.with(|slot| slot.borrow_mut().replace(instead)));
    act()
}

impl<'a> Stop<'a> {
    /// Returns what this thread asks.
    pub(crate) fn of_caller(interrupt: &'a Interrupt) -> Self {
        if INSTEAD.with(|slot| slot.borrow().is_some()) { Self::Instead } else { Self::Ask(interrupt) }
    }
}

impl Stop<'_> {
    /// Whether to end.
    pub(crate) fn is_set(self) -> bool {
        match self {
            Self::Ask(interrupt) => (interrupt.0)(),
            Self::Told(flag) => flag.load(Ordering::Relaxed),
            Self::Until(end) => Instant::now() >= end,
            Self::Instead => INSTEAD.with(|slot| match &*slot.borrow() {
                Some(Instead::Until(end)) => Instant::now() >= *end,
                Some(Instead::Told(flag)) => flag.load(Ordering::Relaxed),
                None => false,
            }),
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
