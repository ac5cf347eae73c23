//! Goes through all states that actors can bring about.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::actors::{Actor, Broken, Step};
use super::disk::Disk;

/// A world to begin with, and what must hold in all that come of it.
pub(crate) struct World {
    pub(crate) disk: Disk,
    pub(crate) actors: Vec<Actor>,
    /// Which actor may die at any of its steps.
    pub(crate) mortal: Option<usize>,
    /// What must hold whenever nobody runs any more.
    pub(crate) at_rest: fn(&Disk),
    /// What must hold if the power is cut now.
    pub(crate) after_a_cut: fn(&Disk),
    /// Who comes after the first cut.
    pub(crate) afterwards: Vec<Actor>,
}

impl World {
    /// Returns the number of states, or what is wrong with one of them.
    pub(crate) fn explore(&self, broken: Broken) -> Result<usize, String> {
        catch_unwind(AssertUnwindSafe(|| self.states(broken))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
        })
    }

    fn states(&self, broken: Broken) -> usize {
        let mut known = HashSet::new();
        let mut pending = vec![(self.disk.clone(), self.actors.clone(), false)];
        while let Some(state) = pending.pop() {
            if !known.insert(state.clone()) {
                continue;
            }
            let (disk, actors, was_cut) = state;
            for cut in disk.after_a_cut() {
                (self.after_a_cut)(&cut);
                if !was_cut {
                    pending.push((cut, self.afterwards.clone(), true));
                }
            }
            let mut is_at_rest = true;
            for index in (0..actors.len()).filter(|index| actors[*index] != Actor::Done) {
                let (mut next, mut others) = (disk.clone(), actors.clone());
                match others[index].step(index, &mut next, broken) {
                    Step::Went => {}
                    Step::Waits => continue,
                    Step::Ended => others[index] = Actor::Done,
                }
                is_at_rest = false;
                pending.push((next, others, was_cut));
                if self.mortal == Some(index) {
                    let (mut next, mut others) = (disk.clone(), actors.clone());
                    others[index] = Actor::Done;
                    next.holder = next.holder.filter(|holder| *holder != index);
                    pending.push((next, others, was_cut));
                }
            }
            if is_at_rest {
                assert!(actors.iter().all(|actor| *actor == Actor::Done), "somebody waits for ever");
                (self.at_rest)(&disk);
            }
        }
        known.len()
    }
}
