//! What is there, and what has to be generated: a step that is there hides everything below it.

use std::collections::HashMap;
use std::sync::Arc;

use persistable_store::{Artifact, ErrorKind as StoreErrorKind, Manifest, StoreId};

use super::durations::{Durations, or_unknown};
use super::plan::{Plan, PlanNode};
use super::priority::longest_paths;
use super::stale::{Stale, stale_among};
use crate::error::{Error, Result};
use crate::maker::{NodeId, Upstream};

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
pub fn plan_of(targets: impl IntoIterator<Item = Upstream>, regenerates_stale: bool) -> Result<Plan> {
    let targets: Vec<Upstream> = targets.into_iter().collect();
    let mut planning = look(targets.iter().cloned(), Stale::new())?;
    let present = planning.nodes.iter().filter_map(|node| Some((node.step.clone(), node.manifest.clone()?)));
    let stale = stale_among(present.collect(), regenerates_stale);
    if regenerates_stale && !stale.is_empty() {
        return Ok(look(targets, stale)?.into_plan());
    }
    for node in planning.nodes.iter_mut().filter(|node| node.manifest.is_some()) {
        node.stale = stale.get(&node.step.node_id()).cloned();
    }
    Ok(planning.into_plan())
}

/// Looks at steps level by level. Steps that are to be generated again count as missing.
fn look(targets: impl IntoIterator<Item = Upstream>, again: Stale) -> Result<Planning> {
    let mut planning = Planning { again, ..Planning::default() };
    let mut level = Vec::new();
    for target in targets {
        let index = planning.add(target, &mut level);
        if let Some(node) = planning.nodes.get_mut(index) {
            node.is_target = true;
        }
    }
    while !level.is_empty() {
        let mut next = Vec::new();
        for (index, manifest) in planning.look_at(&level)? {
            planning.note(index, manifest, &mut next);
        }
        level = next;
    }
    Ok(planning)
}

#[derive(Default)]
struct Planning {
    /// What is generated again, and why.
    again: Stale,
    nodes: Vec<PlanNode>,
    by_id: HashMap<NodeId, usize>,
    durations: Durations,
}

impl Planning {
    /// Returns where a step is. A new one is to be looked at next.
    fn add(&mut self, step: Upstream, next: &mut Vec<usize>) -> usize {
        let id = step.node_id();
        if let Some(index) = self.by_id.get(&id) {
            return *index;
        }
        let index = self.nodes.len();
        self.by_id.insert(id, index);
        self.nodes.push(PlanNode::new(step));
        next.push(index);
        index
    }

    /// Returns the manifests of some steps.
    fn look_at(&self, level: &[usize]) -> Result<Vec<(usize, Option<Manifest>)>> {
        let mut by_store: HashMap<StoreId, Vec<(usize, &Upstream)>> = HashMap::new();
        for index in level {
            if let Some(node) = self.nodes.get(*index) {
                by_store.entry(node.step.0.store().id()).or_default().push((*index, &node.step));
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
        let Some(step) = self.nodes.get(index).map(|node| node.step.clone()) else { return };
        if let Some(manifest) = &manifest {
            self.durations.note(manifest);
        }
        let stale = manifest.as_ref().and_then(|_| self.again.get(&step.node_id()).cloned());
        let below = match &manifest {
            Some(_) if stale.is_none() => Vec::new(),
            None if step.0.is_known() => Vec::new(),
            _ => step.0.below().into_iter().filter_map(|below| self.needed(below)).collect(),
        };
        let mut needed: Vec<usize> = below.into_iter().map(|below| self.add(below, next)).collect();
        needed.sort_unstable();
        needed.dedup();
        if let Some(node) = self.nodes.get_mut(index) {
            node.seconds = manifest.as_ref().and_then(|manifest| manifest.provenance.generation_seconds);
            node.manifest = manifest.filter(|_| stale.is_none()).map(Arc::new);
            node.stale = stale;
            node.below = needed;
        }
    }

    /// Returns a step that has to be there before the one above it starts. A lazy one is generated when the code asks for it, but one
    /// that is stale would be loaded.
    fn needed(&self, below: Upstream) -> Option<Upstream> {
        match below.0.lazy() {
            Some(meant) => self.again.contains_key(&meant.node_id()).then_some(meant),
            None => Some(below),
        }
    }

    fn into_plan(mut self) -> Plan {
        for node in self.nodes.iter_mut().filter(|node| node.manifest.is_none()) {
            node.seconds = self.durations.expected(node.step.0.tree().id(), node.step.0.store());
        }
        let below: Vec<&[usize]> = self.nodes.iter().map(|node| &*node.below).collect();
        let cost = |node: &PlanNode| if node.manifest.is_some() { 0.0 } else { or_unknown(node.seconds) };
        let seconds: Vec<f64> = self.nodes.iter().map(cost).collect();
        let paths = longest_paths(&below, &seconds);
        for (node, path) in self.nodes.iter_mut().zip(paths) {
            node.priority = path;
        }
        Plan { nodes: self.nodes }
    }
}
