//! What is there, and what has to be generated: a step that is there hides everything below it.

use std::collections::HashMap;
use std::sync::Arc;

use persistable_key::Key;
use persistable_store::backend::Identity;
use persistable_store::{Artifact, ErrorKind as StoreErrorKind, Manifest};

use super::durations::{Durations, or_unknown};
use super::plan::{Entry, Plan};
use super::priority::longest_paths;
use super::stale::{Stale, stale_among};
use crate::error::{Error, Result};
use crate::maker::Upstream;

/// Looks at the manifests of steps, and of what they need that is not there. Nothing is loaded.
///
/// It looks at all steps of a level together: first those that were asked for, then those that the missing ones of these need, and
/// so on. So a graph in a bucket takes a few round trips, and not one for each step.
///
/// If `regenerates_stale`, what is stale counts as missing.
///
/// # Errors
///
/// Those of reading a store.
pub fn survey(targets: impl IntoIterator<Item = Upstream>, regenerates_stale: bool) -> Result<Plan> {
    let targets: Vec<Upstream> = targets.into_iter().collect();
    let mut found = look(targets.iter().cloned(), Stale::new())?;
    let present = found.entries.iter().filter_map(|entry| Some((entry.step.clone(), entry.manifest.clone()?)));
    let stale = stale_among(present.collect(), regenerates_stale);
    if regenerates_stale && !stale.is_empty() {
        return Ok(look(targets, stale)?.into_plan());
    }
    for entry in found.entries.iter_mut().filter(|entry| entry.manifest.is_some()) {
        entry.stale = stale.get(&at(&entry.step)).cloned();
    }
    Ok(found.into_plan())
}

/// Looks at steps level by level. Steps that are to be generated again count as missing.
fn look(targets: impl IntoIterator<Item = Upstream>, again: Stale) -> Result<Found> {
    let mut found = Found { again, ..Found::default() };
    let mut level = Vec::new();
    for target in targets {
        let index = found.add(target, &mut level);
        if let Some(entry) = found.entries.get_mut(index) {
            entry.is_target = true;
        }
    }
    while !level.is_empty() {
        let mut next = Vec::new();
        for (index, manifest) in found.look_at(&level)? {
            found.note(index, manifest, &mut next);
        }
        level = next;
    }
    Ok(found)
}

fn at(step: &Upstream) -> (Identity, Key) {
    (step.0.store().identity(), step.0.tree().key())
}

#[derive(Default)]
struct Found {
    /// What is generated again, and why.
    again: Stale,
    entries: Vec<Entry>,
    by_key: HashMap<(Identity, Key), usize>,
    durations: Durations,
}

impl Found {
    /// Returns where a step is. A new one is to be looked at next.
    fn add(&mut self, step: Upstream, next: &mut Vec<usize>) -> usize {
        let at = at(&step);
        if let Some(index) = self.by_key.get(&at) {
            return *index;
        }
        let index = self.entries.len();
        self.by_key.insert(at, index);
        self.entries.push(Entry::new(step));
        next.push(index);
        index
    }

    /// Returns the manifests of some steps.
    fn look_at(&self, level: &[usize]) -> Result<Vec<(usize, Option<Manifest>)>> {
        let mut by_store: HashMap<Identity, Vec<(usize, &Upstream)>> = HashMap::new();
        for index in level {
            if let Some(entry) = self.entries.get(*index) {
                by_store.entry(entry.step.0.store().identity()).or_default().push((*index, &entry.step));
            }
        }
        let mut manifests = Vec::with_capacity(level.len());
        for steps in by_store.values() {
            let Some((_, first)) = steps.first() else { continue };
            let ids: Vec<_> = steps.iter().map(|(_, step)| step.0.tree().id()).collect();
            for ((index, step), found) in steps.iter().zip(first.0.store().find_all(&ids)) {
                let manifest = match found {
                    Ok(found) => found.map(Artifact::into_manifest),
                    // It is put aside when it is generated.
                    Err(error) if error.kind() == StoreErrorKind::Damaged => None,
                    Err(error) => {
                        return Err(Error::of_store("plan", step.0.tree().id(), error).of_tree(step.0.tree()));
                    }
                };
                manifests.push((*index, manifest));
            }
        }
        manifests.sort_by_key(|(index, _)| *index);
        Ok(manifests)
    }

    /// Notes whether a step is there, and what it needs if it is not.
    fn note(&mut self, index: usize, manifest: Option<Manifest>, next: &mut Vec<usize>) {
        let Some(step) = self.entries.get(index).map(|entry| entry.step.clone()) else { return };
        if let Some(manifest) = &manifest {
            self.durations.note(manifest);
        }
        let stale = manifest.as_ref().and_then(|_| self.again.get(&at(&step)).cloned());
        let below = match &manifest {
            Some(_) if stale.is_none() => Vec::new(),
            None if step.0.is_known() => Vec::new(),
            _ => step.0.below().into_iter().filter_map(|below| self.needed(below)).collect(),
        };
        let mut needed: Vec<usize> = below.into_iter().map(|below| self.add(below, next)).collect();
        needed.sort_unstable();
        needed.dedup();
        if let Some(entry) = self.entries.get_mut(index) {
            entry.seconds = manifest.as_ref().and_then(|manifest| manifest.provenance.generation_seconds);
            entry.manifest = manifest.filter(|_| stale.is_none()).map(Arc::new);
            entry.stale = stale;
            entry.below = needed;
        }
    }

    /// Returns a step that has to be there before the one above it starts. A lazy one is generated when the code asks for it, but one
    /// that is stale would be loaded.
    fn needed(&self, below: Upstream) -> Option<Upstream> {
        match below.0.lazy() {
            Some(meant) => self.again.contains_key(&at(&meant)).then_some(meant),
            None => Some(below),
        }
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
