//! What is there, and what has to be generated: a step that is there hides everything below it.

use std::collections::HashMap;

use persistable_key::Key;
use persistable_store::ErrorKind as StoreErrorKind;
use persistable_store::backend::Identity;

use super::durations::{Durations, or_unknown};
use super::plan::{Entry, Plan};
use super::priority::longest_paths;
use crate::error::{Error, Result};
use crate::maker::Upstream;

/// Looks at the manifests of steps, and of what they need that is not there. Nothing is loaded.
///
/// # Errors
///
/// Those of reading a store.
pub fn survey(targets: impl IntoIterator<Item = Upstream>) -> Result<Plan> {
    let mut found = Found::default();
    let mut pending = Vec::new();
    for target in targets {
        let index = found.add(target, &mut pending);
        if let Some(entry) = found.entries.get_mut(index) {
            entry.is_target = true;
        }
    }
    pending.reverse();
    while let Some(index) = pending.pop() {
        let mut below = Vec::new();
        found.look_at(index, &mut below)?;
        below.reverse();
        pending.extend(below);
    }
    Ok(found.into_plan())
}

#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    by_key: HashMap<(Identity, Key), usize>,
    durations: Durations,
}

impl Found {
    /// Returns where a step is. A new one is to be looked at.
    fn add(&mut self, step: Upstream, pending: &mut Vec<usize>) -> usize {
        let (store, key) = (step.0.store().identity(), step.0.tree().key());
        if let Some(index) = self.by_key.get(&(store, key)) {
            return *index;
        }
        let index = self.entries.len();
        self.by_key.insert((store, key), index);
        self.entries.push(Entry::new(step));
        pending.push(index);
        index
    }

    fn look_at(&mut self, index: usize, pending: &mut Vec<usize>) -> Result<()> {
        let Some(step) = self.entries.get(index).map(|entry| entry.step.clone()) else { return Ok(()) };
        let id = step.0.tree().id();
        let manifest = match step.0.store().find(id) {
            Ok(found) => found.map(|artifact| artifact.manifest().clone()),
            // It is put aside when it is generated.
            Err(error) if error.kind() == StoreErrorKind::Damaged => None,
            Err(error) => return Err(Error::of_store("plan", id, error).of_key(step.0.tree().key())),
        };
        let below = match &manifest {
            Some(manifest) => {
                self.durations.note(manifest);
                Vec::new()
            }
            None if step.0.is_known() => Vec::new(),
            None => step.0.below().into_iter().filter(|below| !below.0.is_lazy()).collect(),
        };
        let mut needed: Vec<usize> = below.into_iter().map(|below| self.add(below, pending)).collect();
        needed.sort_unstable();
        needed.dedup();
        if let Some(entry) = self.entries.get_mut(index) {
            entry.seconds = manifest.as_ref().and_then(|manifest| manifest.provenance.generation_seconds);
            entry.manifest = manifest;
            entry.below = needed;
        }
        Ok(())
    }

    fn into_plan(mut self) -> Plan {
        for entry in self.entries.iter_mut().filter(|entry| entry.manifest.is_none()) {
            entry.seconds = self.durations.expected(entry.step.0.tree().id(), entry.step.0.store());
        }
        let below: Vec<&[usize]> = self.entries.iter().map(|entry| &*entry.below).collect();
        let cost = |entry: &Entry| if entry.manifest.is_some() { 0.0 } else { or_unknown(entry.seconds) };
        let seconds: Vec<f64> = self.entries.iter().map(cost).collect();
        let paths = longest_paths(&below, &seconds);
        for (entry, path) in self.entries.iter_mut().zip(paths) {
            entry.priority = path;
        }
        Plan { entries: self.entries }
    }
}
