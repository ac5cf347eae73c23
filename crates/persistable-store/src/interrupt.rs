//! The caller's function that ends long calls.

use std::fmt;
use std::sync::Arc;

/// The caller's functions that say whether to stop. There may be none.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Vec<Arc<dyn Fn() -> bool + Send + Sync>>);

impl Interrupt {
    pub(crate) fn new(is_due: Arc<dyn Fn() -> bool + Send + Sync>) -> Self {
        Self(vec![is_due])
    }

    /// Stops if any of these does.
    pub(crate) fn any<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        Self(all.flat_map(|interrupt| interrupt.0.iter().cloned()).collect())
    }

    /// Whether there is a function to ask.
    pub(crate) fn is_given(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether the caller wants to stop.
    pub(crate) fn is_due(&self) -> bool {
        self.0.iter().any(|is_due| is_due())
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupt")
    }
}
