//! Who in this process waits for whom, so that nobody waits for ever.
//!
//! A *claim* is held while a payload is made or read: to fill a handle's slot, or the lease of a key. A claim that is taken
//! while another one is held belongs to that one, which can't end before it. And whoever waits for a claim can't end before
//! that. If both together lead back to where they began, the wait would never end.

#[cfg(feature = "rayon")]
mod workers;

use std::collections::HashMap;
use std::process;

use persistable_base::fork::Table;
use persistable_key::Key;
use persistable_store::backend::Identity;

use crate::context::{self, ClaimId, Entered};
use crate::params_tree::ParamsTree;

#[cfg(feature = "rayon")]
pub(crate) use workers::{Awaited, AwaitedClaim, Work, WorkerWait, root_of};

/// What only one can claim at a time.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Claimable {
    /// To fill the slot of a handle, which is known by its address.
    Slot(usize),
    /// The lease of a key in a store. That of layers is the last one's.
    Lease { store: Identity, key: Key },
}

#[derive(Default)]
struct Graph {
    /// A forked child begins anew: it has none of the threads that hold and wait.
    process: u32,
    claims: HashMap<ClaimId, Node>,
    holders: HashMap<Claimable, ClaimId>,
    /// Who waits for what.
    waits: Vec<(ClaimId, Claimable)>,
    /// How many threads of the pools of so many threads wait here.
    #[cfg(feature = "rayon")]
    waiting_workers: HashMap<usize, usize>,
}

struct Node {
    /// What is claimed, and by which step. Work that was handed to a pool claims nothing.
    claimed: Option<(Claimable, ParamsTree)>,
    /// The claim that can't end before this one.
    within: Option<ClaimId>,
    /// Whether a thread that is none of rayon's works for it.
    #[cfg(feature = "rayon")]
    is_on_ordinary_thread: bool,
}

impl Node {
    fn new(claimed: Option<(Claimable, ParamsTree)>) -> Self {
        Self {
            claimed,
            within: context::current().claim,
            #[cfg(feature = "rayon")]
            is_on_ordinary_thread: rayon_core::current_thread_index().is_none(),
        }
    }
}

static GRAPH: Table<Option<Graph>> = Table::new(None);

fn with_graph<T>(act: impl FnOnce(&mut Graph) -> T) -> T {
    let mut graph = GRAPH.lock();
    let graph = graph.get_or_insert_default();
    if graph.process != process::id() {
        *graph = Graph { process: process::id(), ..Graph::default() };
    }
    act(graph)
}

/// A claim that is held, until it is dropped.
pub(crate) struct Claim {
    id: ClaimId,
    _entered: Entered,
}

impl Claim {
    /// Notes that this thread holds a claim, and with it the other threads of the pool that it leads.
    pub(crate) fn hold(claimable: Claimable, step: &ParamsTree) -> Self {
        let (id, node) = (ClaimId::new(), Node::new(Some((claimable, step.clone()))));
        with_graph(|graph| {
            graph.claims.insert(id, node);
            graph.holders.insert(claimable, id);
        });
        Self { id, _entered: context::enter(|context| context.claim = Some(id), true) }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let _node = with_graph(|graph| {
            let node = graph.claims.remove(&self.id)?;
            if let Some((claimable, _)) = &node.claimed
                && graph.holders.get(claimable) == Some(&self.id)
            {
                graph.holders.remove(claimable);
            }
            Some(node)
        });
    }
}

/// A wait, until it is dropped. A thread that holds nothing may wait for anything, and is not noted.
pub(crate) struct Waiting {
    waiter: Option<ClaimId>,
    claimable: Claimable,
}

impl Waiting {
    /// Notes that this thread is about to wait.
    pub(crate) fn begin(claimable: Claimable) -> Self {
        let waiter = context::current().claim;
        if let Some(waiter) = waiter {
            with_graph(|graph| graph.waits.push((waiter, claimable)));
        }
        Self { waiter, claimable }
    }

    /// Whether the one who waits works for nobody, as far as is known here, and waits for a thread of this process.
    pub(crate) fn is_of_nobody(&self) -> bool {
        self.waiter.is_none() && with_graph(|graph| graph.holders.contains_key(&self.claimable))
    }

    /// Returns how the wait leads back to where it begins, as people read it; `None` where it does not, as far as is known now.
    pub(crate) fn cycle(&self) -> Option<String> {
        let waiter = self.waiter?;
        let path = with_graph(|graph| graph.path(waiter, self.claimable))?;
        let mut shown: Vec<String> = path.iter().map(|step| step.id().to_string()).collect();
        shown.dedup();
        shown.extend(shown.first().cloned());
        Some(shown.join(" waits for "))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter {
            with_graph(|graph| {
                let is_it = |wait: &(ClaimId, Claimable)| *wait == (waiter, self.claimable);
                if let Some(index) = graph.waits.iter().position(is_it) {
                    graph.waits.swap_remove(index);
                }
            });
        }
    }
}

impl Graph {
    /// Returns the steps from the holder of what is waited for to the one who waits, each of which can't end before the next.
    fn path(&self, waiter: ClaimId, claimable: Claimable) -> Option<Vec<ParamsTree>> {
        let holder = *self.holders.get(&claimable)?;
        // From the waiter backwards: who can't end before it, and who not before those.
        let mut after: HashMap<ClaimId, Option<ClaimId>> = HashMap::from([(waiter, None)]);
        let mut pending = vec![waiter];
        while let Some(claim) = pending.pop() {
            if claim == holder {
                let path = std::iter::successors(Some(claim), |claim| after.get(claim).copied().flatten());
                return Some(
                    path.filter_map(|claim| Some(self.claims.get(&claim)?.claimed.as_ref()?.1.clone())).collect(),
                );
            }
            let Some(node) = self.claims.get(&claim) else { continue };
            let is_for_it = |what: &Claimable| node.claimed.as_ref().is_some_and(|(claimable, _)| claimable == what);
            let waiters = self.waits.iter().filter(|(_, what)| is_for_it(what)).map(|(waiter, _)| *waiter);
            for before in node.within.into_iter().chain(waiters) {
                after.entry(before).or_insert_with(|| {
                    pending.push(before);
                    Some(claim)
                });
            }
        }
        None
    }
}
