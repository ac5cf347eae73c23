//! Objects in memory, for tests and models: with all conditions, and with troubles on demand.

mod service;
mod troubles;

use std::sync::Arc;
use std::time::Duration;

use crate::can::Can;
use crate::engine::{RemoteObjects, Setup};
use crate::objects::Objects;
use crate::over::Over;
use crate::policy::RetryPolicy;
use crate::stop::Interrupt;

use service::{MemoryService, Shelf};
pub use troubles::{Trouble, Verb};

/// A store in memory. Its clones share the objects.
///
/// ```
/// use persistable_objects::{Memory, Objects, Only, Put, Trouble, Verb};
///
/// let store = Memory::new();
/// // The write succeeds, but its answer is lost. The store finds out that it did.
/// store.trouble(Verb::Put, Trouble::LoseAnswer, 1);
/// assert!(matches!(store.put("a", b"one 4f1c", &Only::IfAbsent)?, Put::Done(_)));
/// # Ok::<(), persistable_objects::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Memory(Arc<RemoteObjects>, Arc<MemoryService>);

impl Memory {
    pub(crate) const CAN_ALL: Can = Can { create: true, replace: crate::Replace::Yes };

    /// Makes an empty store that can do everything.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "a store is not a default of anything")]
    pub fn new() -> Self {
        Self::which_can(Self::CAN_ALL)
    }

    /// Makes an empty store that can do just this. It ignores other conditions silently.
    #[must_use]
    pub fn which_can(can: Can) -> Self {
        let setup = Setup {
            location: "memory://".into(),
            prefix: String::new(),
            policy: RetryPolicy { part_bytes: 1 << 16, ..RetryPolicy::default() },
            interrupt: Interrupt::default(),
            can: None,
        };
        Self::with(setup, can, true)
    }

    /// Makes an empty store whose conditions nobody knows before it is probed.
    #[must_use]
    pub fn to_be_probed(can: Can) -> Self {
        let store = Self::which_can(can);
        Self::with(store.0.setup().clone(), can, false)
    }

    pub(crate) fn with(setup: Setup, can: Can, is_known: bool) -> Self {
        let service = Arc::new(MemoryService::new(Shelf::new(), can, is_known));
        Self(Arc::new(RemoteObjects::new(Arc::clone(&service), setup)), service)
    }

    /// Makes an empty store like this one, whose waits end when this function says so.
    #[must_use]
    pub fn interrupted_by(&self, is_interrupted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let setup = Setup { interrupt: Interrupt::new(is_interrupted), ..self.0.setup().clone() };
        Self::with(setup, self.1.can(), self.1.is_known())
    }

    /// Lets the next so many requests of a verb run into trouble, after those that already wait for it.
    pub fn trouble(&self, verb: Verb, trouble: Trouble, times: usize) {
        self.1.troubles.add(verb, trouble, times);
    }

    /// Lets the store's clock go on.
    pub fn advance(&self, time: Duration) {
        self.1.shelf.with(|shelf| shelf.now += time);
    }

    /// Returns how many requests of a verb there were.
    #[must_use]
    pub fn requests(&self, verb: Verb) -> usize {
        self.1.troubles.requests(verb)
    }

    /// Returns how many uploads in parts were begun, and neither finished nor aborted.
    #[must_use]
    pub fn uploads(&self) -> usize {
        self.1.shelf.with(|shelf| shelf.uploads.len())
    }
}

/// Memory is a store like any other.
impl Over for Memory {
    fn below(&self) -> &dyn Objects {
        &*self.0
    }
}
