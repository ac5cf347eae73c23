//! What threads of rayon wait for, where that is in the hands of an ordinary thread.

use std::collections::{HashMap, HashSet};

use super::{Claimable, Graph, Node, with_graph};
use crate::context::ClaimId;
use crate::params_tree::ParamsTree;

/// What a thread of rayon waits for.
#[derive(Clone, Copy)]
pub(crate) enum Awaited {
    /// The end of a claim, whose ever it is.
    Claimable(Claimable),
    /// The end of work that was handed to a pool.
    Work(ClaimId),
}

/// Work that is handed to a pool, until it is dropped.
pub(crate) struct Work(ClaimId);

impl Work {
    /// Notes the work, of which this thread waits for the end.
    pub(crate) fn begin() -> Self {
        let (id, node) = (ClaimId::new(), Node::new(None));
        with_graph(|graph| graph.claims.insert(id, node));
        Self(id)
    }

    pub(crate) fn id(&self) -> ClaimId {
        self.0
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _node = with_graph(|graph| graph.claims.remove(&self.0));
    }
}

/// The wait of a thread of a pool of so many threads, until it is dropped.
pub(crate) struct WorkerWait(usize);

impl WorkerWait {
    pub(crate) fn begin() -> Self {
        let threads = rayon_core::current_num_threads();
        with_graph(|graph| *graph.waiting_workers.entry(threads).or_default() += 1);
        Self(threads)
    }
}

impl Drop for WorkerWait {
    fn drop(&mut self) {
        with_graph(|graph| {
            if let Some(count) = graph.waiting_workers.get_mut(&self.0) {
                *count = count.saturating_sub(1);
            }
        });
    }
}

/// The claim of an ordinary thread on which a wait depends.
#[derive(Clone)]
pub(crate) struct AwaitedClaim {
    claim: ClaimId,
    pub step: ParamsTree,
}

impl AwaitedClaim {
    /// Whether the claim is still held.
    pub(crate) fn is_held(&self) -> bool {
        with_graph(|graph| graph.claims.contains_key(&self.claim))
    }
}

/// Returns the claim on which a wait depends in the end, if it is that of an ordinary thread that waits for nobody itself. `None`
/// also where the pool of this thread has a thread that does not wait.
pub(crate) fn root_of(awaited: Awaited) -> Option<AwaitedClaim> {
    let threads = rayon_core::current_num_threads();
    with_graph(|graph| {
        let waiting = graph.waiting_workers.get(&threads).copied().unwrap_or_default();
        if waiting < threads { None } else { graph.root_of(awaited) }
    })
}

impl Graph {
    fn root_of(&self, awaited: Awaited) -> Option<AwaitedClaim> {
        if !self.claims.values().any(|node| node.is_on_ordinary_thread) {
            return None;
        }
        // What has to end before a claim does: the claims within it, and that of whom its holder waits for.
        let mut before: HashMap<ClaimId, Vec<ClaimId>> = HashMap::new();
        for (id, node) in &self.claims {
            if let Some(within) = node.within {
                before.entry(within).or_default().push(*id);
            }
        }
        for (waiter, claimable) in &self.waits {
            before.entry(*waiter).or_default().extend(self.holders.get(claimable));
        }
        let mut pending = match awaited {
            Awaited::Claimable(claimable) => vec![*self.holders.get(&claimable)?],
            Awaited::Work(id) => vec![id],
        };
        let mut seen: HashSet<ClaimId> = pending.iter().copied().collect();
        while let Some(claim) = pending.pop() {
            let Some(node) = self.claims.get(&claim) else { continue };
            match (before.get(&claim), &node.claimed) {
                (Some(earlier), _) => pending.extend(earlier.iter().filter(|claim| seen.insert(**claim))),
                (None, Some((_, step))) if node.is_on_ordinary_thread => {
                    return Some(AwaitedClaim { claim, step: step.clone() });
                }
                (None, _) => {}
            }
        }
        None
    }
}
