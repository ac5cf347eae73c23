//! Making durable together what steps persisted.

use std::collections::{HashMap, HashSet};

use persistable_store::backend::GroupSync;
use persistable_store::{Store, StoreId};

use super::plan::Plan;
use crate::error::{Error, Result};
use crate::maker::Upstream;

/// What makes durable what the steps of a run persist, by store. A store that is not here does so for each step at once.
pub(super) struct Flush(HashMap<StoreId, (Store, Box<dyn GroupSync>)>);

impl Flush {
    /// Opens the stores of the missing steps, before anything is written.
    pub(super) fn of(plan: &Plan) -> Result<Self> {
        let mut stores = HashMap::new();
        let mut seen = HashSet::new();
        for node in plan.nodes.iter().filter(|node| node.manifest.is_none()) {
            let store = node.step.0.store();
            let id = store.id();
            if !seen.insert(id) {
                continue;
            }
            if let Some(sync) =
                store.group_sync().map_err(|error| Error::of_store("run", node.step.0.tree().id(), error))?
            {
                stores.insert(id, (store.clone(), sync));
            }
        }
        Ok(Self(stores))
    }

    pub(super) fn has(&self, store: &Store) -> bool {
        !self.0.is_empty() && self.0.contains_key(&store.id())
    }

    /// Says that all is durable that the run wrote.
    pub(super) fn finish(&self) {
        self.0.values().for_each(|(_, sync)| sync.finish());
    }

    /// Makes durable what these steps persisted before this call.
    pub(super) fn flush(&self, steps: &[Upstream]) -> Result<()> {
        for (id, (store, sync)) in &self.0 {
            let of_store = steps.iter().filter(|step| step.0.store().id() == *id);
            let ids: Vec<_> = of_store.map(|step| step.0.tree().id()).collect();
            if !ids.is_empty() {
                sync.sync(&ids).map_err(|error| Error::of_store("run", store.location(), error))?;
            }
        }
        Ok(())
    }
}

/// Makes durable what other runs persisted of the steps of a plan: one may still run, or was killed before it did that itself.
///
/// # Errors
///
/// Those of writing to the disk.
pub fn sync_what_is_left(plan: &Plan) -> Result<()> {
    let mut by_store: HashMap<StoreId, Vec<&Upstream>> = HashMap::new();
    for node in &plan.nodes {
        by_store.entry(node.step.0.store().id()).or_default().push(&node.step);
    }
    for steps in by_store.values() {
        let Some(store) = steps.first().map(|step| step.0.store()) else { continue };
        let ids: Vec<_> = steps.iter().map(|step| step.0.tree().id()).collect();
        store.sync_what_is_left(&ids).map_err(|error| Error::of_store("run", store.location(), error))?;
    }
    Ok(())
}
