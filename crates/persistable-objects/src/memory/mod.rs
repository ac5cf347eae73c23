//! Objects in memory, for tests and models: with all conditions, and with troubles on demand.

mod service;
mod troubles;

use std::fs::File;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::Duration;

use crate::can::Can;
use crate::engine::{Remote, Setup};
use crate::error::Result;
use crate::objects::{Entry, Fetched, Got, Objects, Only, Put, UploadId, Version};
use crate::policy::Policy;
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
pub struct Memory(Arc<Remote>, Arc<MemoryService>);

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
            policy: Policy { part_bytes: 1 << 16, ..Policy::default() },
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
        Self(Arc::new(Remote::new(Arc::clone(&service), setup)), service)
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
impl Objects for Memory {
    fn location(&self) -> &str {
        self.0.location()
    }

    fn can(&self) -> Result<Can> {
        self.0.can()
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> Result<Got> {
        self.0.get(name, unless)
    }

    fn get_range(&self, name: &str, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        self.0.get_range(name, range)
    }

    fn fetch(&self, name: &str, to: &File) -> Result<Option<Fetched>> {
        self.0.fetch(name, to)
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put> {
        self.0.put(name, bytes, only)
    }

    fn upload(
        &self,
        name: &str,
        file: &File,
        only: &Only,
        begun: &mut dyn FnMut(&UploadId) -> Result<()>,
    ) -> Result<Put> {
        self.0.upload(name, file, only, begun)
    }

    fn abort(&self, name: &str, upload: &UploadId) -> Result<()> {
        self.0.abort(name, upload)
    }

    fn delete(&self, names: &[&str]) -> Result<()> {
        self.0.delete(names)
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        each: &mut dyn FnMut(Vec<Entry>) -> ControlFlow<()>,
    ) -> Result<()> {
        self.0.list(prefix, after, each)
    }
}
