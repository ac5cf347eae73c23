//! A store of objects, with the leases that this process has in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use persistable_base::fork::Shared;

use super::own_lease::OwnLease;
use super::root::Root;

/// A store of objects, with the leases that this process has in it.
#[derive(Debug)]
pub(super) struct RemoteStore {
    pub(super) root: Arc<Root>,
    /// By their stems. A forked child has copies of its parent's.
    own_leases: Shared<BTreeMap<String, Arc<OwnLease>>>,
}

impl RemoteStore {
    pub(super) fn new(root: Root) -> Self {
        Self { root: Arc::new(root), own_leases: Shared::new(BTreeMap::new()) }
    }

    /// Returns the lease of this process on an artifact.
    pub(super) fn own_lease(&self, stem: &str) -> Option<Arc<OwnLease>> {
        self.own_leases.with(|leases| leases.get(stem).cloned()).filter(|lease| lease.is_of_this_process())
    }

    /// Returns all leases of this process.
    pub(super) fn own_leases(&self) -> Vec<Arc<OwnLease>> {
        let leases: Vec<_> = self.own_leases.with(|leases| leases.values().cloned().collect());
        leases.into_iter().filter(|lease| lease.is_of_this_process()).collect()
    }

    /// Notes a lease that this process got.
    pub(super) fn note(&self, lease: &Arc<OwnLease>) {
        let before = self.own_leases.with(|leases| leases.insert(lease.stem.clone(), Arc::clone(lease)));
        drop(before);
    }

    /// Forgets a lease that is over.
    pub(super) fn forget(&self, lease: &Arc<OwnLease>) {
        let forgotten = self.own_leases.with(|leases| {
            let is_this = leases.get(&lease.stem).is_some_and(|other| Arc::ptr_eq(other, lease));
            if is_this { leases.remove(&lease.stem) } else { None }
        });
        drop(forgotten);
    }
}
