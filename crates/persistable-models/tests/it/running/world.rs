//! A store with leases, the drivers that share it, and what must hold in all states that they bring about.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use persistable::__private::Ending;
use persistable::StepState;

use super::driver::{Driver, Phase, Plan};

/// What goes wrong, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The code of a step fails.
    Failure,
    /// A worker dies before it publishes, or before it looks.
    LostBefore,
    /// A worker dies after it published, and before it tells.
    LostAfter,
    /// The user interrupts a driver.
    Interrupt,
    /// A driver dies with its workers. Its leases end.
    DriverDies,
}

/// A state of everything.
#[derive(Clone, Debug)]
pub(super) struct World {
    below: &'static [&'static [usize]],
    drivers: Vec<Driver>,
    /// Which artifacts are there.
    there: Vec<bool>,
    /// Which driver has the lease of which step.
    leases: Vec<Option<usize>>,
    /// How often each step was generated, and how often that went wrong.
    begun: Vec<usize>,
    spoilt: Vec<usize>,
    troubles: Vec<Trouble>,
}

/// What may happen next.
#[derive(Clone, Copy, Debug)]
enum Next {
    Start,
    Look(usize),
    Publish(usize),
    Tell(usize),
    Trouble(usize, Option<usize>),
    TimePasses,
}

impl World {
    pub(super) fn new(below: &'static [&'static [usize]], plans: Vec<Plan>, troubles: Vec<Trouble>) -> Self {
        let there: Vec<bool> = (0..below.len()).map(|step| plans[0].there >> step & 1 == 1).collect();
        let none = vec![0; below.len()];
        let drivers = plans.into_iter().map(Driver::new).collect();
        Self { below, drivers, there, leases: vec![None; below.len()], begun: none.clone(), spoilt: none, troubles }
    }

    /// Returns the number of states, or what is wrong with one of them.
    pub(super) fn explore(&self) -> Result<usize, String> {
        catch_unwind(AssertUnwindSafe(|| self.states())).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
        })
    }

    fn states(&self) -> usize {
        let mut known = HashSet::new();
        let mut pending = vec![self.clone()];
        while let Some(world) = pending.pop() {
            if !known.insert(world.digest()) {
                continue;
            }
            let mut is_at_rest = true;
            for at in 0..world.drivers.len() {
                for next in world.next(at) {
                    is_at_rest = false;
                    let mut after = world.clone();
                    after.go(at, next);
                    pending.push(after);
                }
            }
            if is_at_rest {
                world.check_at_rest();
            }
        }
        known.len()
    }

    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        format!("{self:?}").hash(&mut hasher);
        hasher.finish()
    }

    /// Returns what may happen to a driver next.
    fn next(&self, at: usize) -> Vec<Next> {
        let driver = &self.drivers[at];
        if driver.is_dead || driver.is_over() {
            return Vec::new();
        }
        let mut all = Vec::new();
        if driver.clone().start().is_some() {
            all.push(Next::Start);
        } else {
            let is_waiting = driver.steps().any(|step| driver.must_start(step, self.below));
            assert!(!is_waiting, "a step could start, and no driver starts it: {driver:?}");
            if driver.is_waiting_for_time() {
                all.push(Next::TimePasses);
            }
        }
        for (step, phase) in driver.running() {
            all.push(match phase {
                // One who looks in vain twice looks again when something has changed.
                Phase::Begun if driver.looks(step) >= 2 && self.leases[step].is_some() => continue,
                Phase::Begun => Next::Look(step),
                Phase::Generating => Next::Publish(step),
                Phase::Ended(_) => Next::Tell(step),
            });
        }
        for (index, trouble) in self.troubles.iter().enumerate() {
            let is_for = |phase: Phase| match trouble {
                Trouble::Failure => phase == Phase::Generating,
                Trouble::LostBefore => matches!(phase, Phase::Begun | Phase::Generating),
                Trouble::LostAfter => phase == Phase::Ended(Ending::Generated),
                Trouble::Interrupt | Trouble::DriverDies => false,
            };
            all.extend(
                driver.running().filter(|(_, phase)| is_for(*phase)).map(|(step, _)| Next::Trouble(index, Some(step))),
            );
            if matches!(trouble, Trouble::Interrupt | Trouble::DriverDies) {
                all.push(Next::Trouble(index, None));
            }
        }
        all
    }

    fn go(&mut self, at: usize, next: Next) {
        match next {
            Next::Start => {
                let step = self.drivers[at].start().unwrap();
                let is_there = self.below[step].iter().all(|below| self.there[*below]);
                assert!(is_there, "step {step} starts before what it needs is there");
                self.drivers[at].check_start(step);
            }
            Next::Look(step) => {
                let phase = match self.leases[step] {
                    Some(_) => Phase::Ended(Ending::Taken),
                    None if self.there[step] => Phase::Ended(Ending::Found),
                    None => {
                        self.leases[step] = Some(at);
                        self.begun[step] += 1;
                        let most = 1 + self.spoilt[step];
                        assert!(self.begun[step] <= most, "step {step} is generated again");
                        Phase::Generating
                    }
                };
                self.drivers[at].set(step, phase);
            }
            Next::Publish(step) => {
                assert!(!self.there[step], "step {step} is published twice");
                self.there[step] = true;
                self.leases[step] = None;
                self.drivers[at].set(step, Phase::Ended(Ending::Generated));
            }
            Next::Tell(step) => self.drivers[at].tell(step),
            Next::Trouble(index, step) => {
                let trouble = self.troubles.remove(index);
                self.go_wrong(at, trouble, step);
            }
            Next::TimePasses => self.drivers[at].wait(),
        }
    }

    fn go_wrong(&mut self, at: usize, trouble: Trouble, step: Option<usize>) {
        let Some(step) = step else {
            if trouble == Trouble::Interrupt {
                return self.drivers[at].interrupt();
            }
            self.drivers[at].is_dead = true;
            for step in 0..self.leases.len() {
                self.free(at, step);
            }
            return;
        };
        self.free(at, step);
        let ending = if trouble == Trouble::Failure { Ending::Failed } else { Ending::Lost };
        self.drivers[at].set(step, Phase::Ended(ending));
    }

    /// Ends a lease without a result.
    fn free(&mut self, at: usize, step: usize) {
        if self.leases[step] == Some(at) {
            self.leases[step] = None;
            self.spoilt[step] += 1;
        }
    }

    fn check_at_rest(&self) {
        for driver in self.drivers.iter().filter(|driver| !driver.is_dead) {
            assert!(driver.is_over(), "a driver waits for ever: {driver:?}");
            driver.check_end(self.below);
            for step in driver.steps() {
                let is_done = matches!(driver.state(step), StepState::Generated | StepState::Found);
                assert!(!is_done || self.there[step], "step {step} counts as done, and its artifact is not there");
            }
        }
        assert!(self.leases.iter().all(Option::is_none), "a lease is left");
    }
}
