//! Which steps that are there are stale: other code, other inputs or other payloads made them, or what they were made from.

use std::collections::HashMap;
use std::sync::Arc;

use persistable_key::Key;
use persistable_store::{Manifest, StoreId};

use crate::changes::{self, LastPayload};
use crate::gone::{self, Gone, StepInStore};
use crate::maker::{NodeId, Upstream};
use crate::stale::StaleKind;

/// Why steps are stale.
pub(super) type Stale = HashMap<NodeId, String>;

/// Compares what manifests say with the present: of some steps, and of everything below them. Each step is looked at once. Steps below
/// that are in stores that take requests are compared only if `asks_stores`.
pub(super) fn stale_among(steps: Vec<(Upstream, Arc<Manifest>)>, asks_stores: bool) -> Stale {
    let mut graph = Graph::default();
    for (step, manifest) in steps {
        let index = graph.add(step);
        if let Some(node) = graph.nodes.get_mut(index) {
            node.manifest = Some(manifest);
        }
    }
    let known = graph.nodes.len();
    graph.add_below(asks_stores);
    graph.glance_from(known);
    graph.gone = graph.find_gone();
    graph.reasons()
}

#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    by_id: HashMap<NodeId, usize>,
    gone: HashMap<usize, Gone>,
}

struct Node {
    step: Upstream,
    manifest: Option<Arc<Manifest>>,
    below: Vec<usize>,
}

/// Why a step is stale.
#[derive(Clone)]
struct Reason {
    kind: StaleKind,
    text: String,
    /// Whether it is about the step itself, and not about one below it.
    is_own: bool,
}

impl Graph {
    fn add(&mut self, step: Upstream) -> usize {
        *self.by_id.entry(step.node_id()).or_insert_with(|| {
            self.nodes.push(Node { step, manifest: None, below: Vec::new() });
            self.nodes.len() - 1
        })
    }

    fn add_below(&mut self, asks_stores: bool) {
        let mut index = 0;
        while let Some(node) = self.nodes.get(index) {
            let step = node.step.clone();
            let is_quick = |below: &Upstream| asks_stores || !below.0.store().takes_requests();
            let below = step.0.below().into_iter().filter(is_quick).map(|below| self.add(below)).collect();
            if let Some(node) = self.nodes.get_mut(index) {
                node.below = below;
            }
            index += 1;
        }
    }

    /// Looks up the manifests of the steps from this one on, store by store.
    fn glance_from(&mut self, first: usize) {
        let mut by_store: HashMap<StoreId, Vec<usize>> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate().skip(first) {
            by_store.entry(node.step.0.store().id()).or_default().push(index);
        }
        for indices in by_store.into_values() {
            let steps: Vec<Upstream> =
                indices.iter().filter_map(|index| Some(self.nodes.get(*index)?.step.clone())).collect();
            let Some(store) = steps.first().map(|step| step.0.store()) else { continue };
            let ids: Vec<_> = steps.iter().map(|step| step.0.tree().id()).collect();
            for (index, manifest) in indices.into_iter().zip(store.glance_all(&ids)) {
                if let Some(node) = self.nodes.get_mut(index) {
                    node.manifest = manifest;
                }
            }
        }
    }

    fn find_gone(&self) -> HashMap<usize, Gone> {
        let known = self.nodes.iter().map(|node| StepInStore {
            tree: node.step.0.tree(),
            store: node.step.0.store(),
            manifest: node.manifest.as_deref(),
        });
        let known: Vec<StepInStore<'_>> = known.collect();
        if known.iter().all(|step| step.manifest.is_some()) {
            return HashMap::new();
        }
        let below: Vec<_> = self.nodes.iter().map(|node| self.below_by_key(node)).collect();
        gone::find(&known, |above, index| {
            below.get(above)?.get(&known.get(above)?.tree.dependencies().get(index)?.key()).copied()
        })
    }

    fn below_by_key(&self, node: &Node) -> HashMap<Key, usize> {
        let with_key = |index: &usize| Some((self.nodes.get(*index)?.step.0.tree().key(), *index));
        node.below.iter().filter_map(with_key).collect()
    }

    /// Returns the manifest of a step that is there, or that is gone and that something was made from.
    fn manifest_of<'a>(&'a self, index: usize, node: &'a Node) -> Option<&'a Manifest> {
        let gone = || self.gone.get(&index).filter(|gone| gone.is_source).map(|gone| &gone.manifest);
        node.manifest.as_deref().or_else(gone)
    }

    /// Returns why steps are stale. What is below a step comes before it.
    fn reasons(&self) -> Stale {
        let mut above: Vec<Vec<usize>> = self.nodes.iter().map(|_| Vec::new()).collect();
        let mut waits_for: Vec<usize> = self.nodes.iter().map(|node| node.below.len()).collect();
        for (index, node) in self.nodes.iter().enumerate() {
            node.below.iter().filter_map(|below| above.get_mut(*below).map(|above| above.push(index))).count();
        }
        let mut reasons: Vec<Vec<Reason>> = self.nodes.iter().map(|_| Vec::new()).collect();
        let mut pending: Vec<usize> = (0..self.nodes.len()).filter(|index| waits_for.get(*index) == Some(&0)).collect();
        while let Some(index) = pending.pop() {
            let Some(node) = self.nodes.get(index) else { continue };
            let found = self.reasons_of(index, node, &reasons);
            if let Some(place) = reasons.get_mut(index) {
                *place = found;
            }
            for above in above.get(index).into_iter().flatten() {
                if let Some(count) = waits_for.get_mut(*above) {
                    *count -= 1;
                    if *count == 0 {
                        pending.push(*above);
                    }
                }
            }
        }
        let there = self.nodes.iter().zip(reasons).filter(|(node, _)| node.manifest.is_some());
        let told = |node: &Node, reasons: Vec<Reason>| {
            let policies = node.step.0.policies();
            let mut told = reasons.into_iter().filter(|reason| reason.is_own || !policies.ignore_below(reason.kind));
            Some((node.step.node_id(), told.next()?.text))
        };
        there.filter_map(|(node, reasons)| told(node, reasons)).collect()
    }

    /// Returns why a step is stale, at most once for each kind. What it ignores itself still concerns those above it.
    fn reasons_of(&self, index: usize, node: &Node, known: &[Vec<Reason>]) -> Vec<Reason> {
        let mut found: Vec<Reason> = self.own_reasons(index, node);
        for below in &node.below {
            let (Some(reasons), Some(from)) = (known.get(*below), self.nodes.get(*below)) else { continue };
            for Reason { kind, text, is_own } in reasons {
                if found.iter().any(|reason| reason.kind == *kind) {
                    continue;
                }
                let text = match is_own {
                    true => format!("made from {}: {text}", from.step.0.tree().id()),
                    false => text.clone(),
                };
                found.push(Reason { kind: *kind, text, is_own: false });
            }
        }
        found
    }

    fn own_reasons(&self, index: usize, node: &Node) -> Vec<Reason> {
        let Some(manifest) = self.manifest_of(index, node) else { return Vec::new() };
        let below = self.below_by_key(node);
        let last = |index: usize| {
            let below = *below.get(&node.step.0.tree().dependencies().get(index)?.key())?;
            match &self.nodes.get(below)?.manifest {
                Some(present) => present.sole_payload_digest().map(LastPayload::present),
                None => self.gone.get(&below)?.last_payload(manifest, manifest.dependencies.get(index)?),
            }
        };
        let changes = changes::of_all(&*node.step.0, manifest, last).into_iter();
        changes.map(|change| Reason { kind: change.kind, text: change.what, is_own: true }).collect()
    }
}
