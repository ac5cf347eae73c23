//! The handles of a run's steps. Each has a payload of its own in memory.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::plan::Plan;
use crate::maker::{NodeId, Upstream};

/// All handles of the steps of a run, and of those below them. A pipeline may have many handles of one step.
#[derive(Clone, Debug, Default)]
pub struct Handles {
    /// For each step of the plan, all handles that are this step.
    by_step: Vec<Vec<Upstream>>,
    /// Handles of steps that the plan does not have, and that a step asks for while it runs: lazy dependencies.
    lazy: Vec<Lazy>,
    /// For each step of the plan, which of those it may ask for.
    asks_for: Vec<Vec<usize>>,
    /// Where the steps of the plan are in it.
    places: HashMap<NodeId, usize>,
    unused: Vec<Upstream>,
}

#[derive(Clone, Debug)]
struct Lazy {
    handle: Upstream,
    /// How many steps may still ask for it.
    users: usize,
}

impl Handles {
    /// Looks at all handles from those of the steps that were asked for downwards.
    #[must_use]
    pub fn of(targets: &[Upstream], plan: &Plan) -> Self {
        let places: HashMap<_, _> =
            plan.nodes.iter().enumerate().map(|(index, node)| (node.step.node_id(), index)).collect();
        let by_step = plan.nodes.iter().map(|_| Vec::new()).collect();
        let asks_for = plan.nodes.iter().map(|_| Vec::new()).collect();
        let mut all = Self { by_step, asks_for, places, ..Self::default() };
        let mut lazy_at: HashMap<usize, usize> = HashMap::new();
        let (mut pending, mut seen) = (VecDeque::from(targets.to_vec()), HashSet::new());
        while let Some(step) = pending.pop_front() {
            if !seen.insert(address(&step)) {
                continue;
            }
            let place = all.places.get(&step.node_id()).copied();
            if let Some(handles) = place.and_then(|place| all.by_step.get_mut(place)) {
                handles.push(step.clone());
            }
            let is_missing = |place: &usize| plan.nodes.get(*place).is_some_and(|node| node.manifest.is_none());
            let asking = place.filter(is_missing);
            for below in step.0.below() {
                let meant = below.0.lazy();
                if let (Some(asking), Some(meant)) = (asking, &meant)
                    && !all.places.contains_key(&meant.node_id())
                {
                    let index = *lazy_at.entry(address(meant)).or_insert_with(|| {
                        all.lazy.push(Lazy { handle: meant.clone(), users: 0 });
                        all.lazy.len() - 1
                    });
                    all.note_user(asking, index);
                }
                pending.push_back(meant.unwrap_or(below));
            }
        }
        all
    }

    fn note_user(&mut self, asking: usize, index: usize) {
        if let (Some(asks_for), Some(lazy)) = (self.asks_for.get_mut(asking), self.lazy.get_mut(index))
            && !asks_for.contains(&index)
        {
            asks_for.push(index);
            lazy.users += 1;
        }
    }

    /// Returns all handles of a step of the plan.
    #[must_use]
    pub fn of_step(&self, index: usize) -> &[Upstream] {
        self.by_step.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the handles of lazy dependencies that the plan does not have, and of all below them.
    #[must_use]
    pub fn beside(&self) -> Vec<Upstream> {
        self.below(self.lazy.iter().map(|lazy| lazy.handle.clone()).collect())
    }

    /// Notes that a step is over: it asks for nothing any more.
    pub fn note_over(&mut self, index: usize) {
        let asked_for = self.asks_for.get_mut(index).map(std::mem::take).unwrap_or_default();
        for index in asked_for {
            let Some(lazy) = self.lazy.get_mut(index) else { continue };
            lazy.users -= 1;
            if lazy.users == 0 {
                let handle = lazy.handle.clone();
                let unused = self.below(vec![handle]);
                self.unused.extend(unused);
            }
        }
    }

    /// Returns the handles whose payloads no step of the run needs in memory any longer: of these steps, and of what the steps asked
    /// for that are over.
    pub fn take_unused(&mut self, steps: &[usize]) -> Vec<Upstream> {
        let of_steps: Vec<Upstream> = steps.iter().flat_map(|index| self.of_step(*index)).cloned().collect();
        std::mem::take(&mut self.unused).into_iter().chain(of_steps).collect()
    }

    /// Returns these handles and all below them, but for those of steps of the plan.
    fn below(&self, mut pending: Vec<Upstream>) -> Vec<Upstream> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        while let Some(step) = pending.pop() {
            if self.places.contains_key(&step.node_id()) || !seen.insert(address(&step)) {
                continue;
            }
            pending.extend(step.0.below().into_iter().map(|below| below.0.lazy().unwrap_or(below)));
            found.push(step);
        }
        found
    }
}

/// Tells handles apart.
pub(super) fn address(step: &Upstream) -> usize {
    Arc::as_ptr(&step.0).cast::<()>().addr()
}
