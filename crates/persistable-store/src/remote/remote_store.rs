//! A store with the leases that this process has in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use persistable_base::fork::Shared;

use super::own_lease::OwnLease;
use super::root::Root;

/// A store with the leases that this process has in it.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) root: Arc<Root>,
    /// By their stems. A forked child has copies of its parent's.
    held: Shared<BTreeMap<String, Arc<OwnLease>>>,
}

impl Desk {
    pub(super) fn new(root: Root) -> Self {
        Self { root: Arc::new(root), held: Shared::new(BTreeMap::new()) }
    }

    /// Returns the lease of this process on an artifact.
    pub(super) fn held(&self, stem: &str) -> Option<Arc<OwnLease>> {
        self.held.with(|held| held.get(stem).cloned()).filter(|held| held.is_of_this_process())
    }

    /// Returns all leases of this process.
    pub(super) fn all(&self) -> Vec<Arc<OwnLease>> {
        let all: Vec<_> = self.held.with(|held| held.values().cloned().collect());
        all.into_iter().filter(|held| held.is_of_this_process()).collect()
    }

    /// Notes a lease that this process got.
    pub(super) fn note(&self, held: &Arc<OwnLease>) {
        let before = self.held.with(|table| table.insert(held.stem.clone(), Arc::clone(held)));
        drop(before);
    }

    /// Forgets a lease that is over.
    pub(super) fn forget(&self, held: &Arc<OwnLease>) {
        let forgotten = self.held.with(|table| {
            let is_this = table.get(&held.stem).is_some_and(|other| Arc::ptr_eq(other, held));
            if is_this { table.remove(&held.stem) } else { None }
        });
        drop(forgotten);
    }
}
