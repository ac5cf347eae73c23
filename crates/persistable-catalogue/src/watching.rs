//! Being told what changes in a store, so that it need not be surveyed again.

use std::collections::BTreeSet;

use persistable_store::Store;
use persistable_store::backend::{Companion, Watch};

/// A stem, and which text beside the manifest is meant, if not the manifest.
pub(crate) type Name = (String, Option<Companion>);

/// The watch over a store, as long as a catalogue is open.
#[derive(Debug, Default)]
pub(crate) struct Watching {
    watch: Option<Box<dyn Watch>>,
    /// What may have changed since the index was last brought up to date.
    names: BTreeSet<Name>,
    /// Whether the index is as the store was when the watch began, or later.
    is_complete: bool,
    /// Whether this catalogue surveyed the store before. Most are closed before they would do so again, and watching a large folder
    /// takes the system some time to begin.
    has_surveyed: bool,
    /// Whether this catalogue brought its index up to date before.
    was_done: bool,
    /// Whether the last look at the store could miss a file that was written to in its place.
    was_quick: bool,
}

impl Watching {
    /// Asks what has changed.
    pub(crate) fn look(&mut self) {
        if let Some(watch) = self.watch.as_mut() {
            match watch.changed() {
                Some(names) => self.names.extend(names),
                // It has ended, and something may have changed.
                None => self.watch = None,
            }
        }
    }

    /// Whether this catalogue did not bring its index up to date yet.
    pub(crate) fn is_first(&self) -> bool {
        !self.was_done
    }

    /// Whether the last look at the store could miss a file that was written to in its place.
    pub(crate) fn was_quick(&self) -> bool {
        self.was_quick
    }

    /// Notes whether a look at the store could miss a file that was written to in its place.
    pub(crate) fn set_quick(&mut self, is_quick: bool) {
        self.was_quick = is_quick;
    }

    /// Returns what may have changed; `None` if nothing tells it.
    pub(crate) fn told(&self) -> Option<&BTreeSet<Name>> {
        (self.watch.is_some() && self.is_complete).then_some(&self.names)
    }

    /// Begins to watch a store that is about to be surveyed.
    pub(crate) fn begin(&mut self, store: &Store) {
        self.names.clear();
        self.is_complete = false;
        self.watch = if self.has_surveyed { store.watch() } else { None };
        self.has_surveyed = true;
    }

    /// The index is up to date with all that was told, and with the survey.
    pub(crate) fn is_done(&mut self) {
        self.is_complete = true;
        self.was_done = true;
        self.names.clear();
    }

    /// The index is another one: it has to be compared with the whole store.
    pub(crate) fn forget(&mut self) {
        self.watch = None;
        self.was_done = false;
    }
}
