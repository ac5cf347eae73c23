//! A driver: the real state machine, what its workers do, and what must hold for it.

use std::time::Duration;

use persistable::__private::{Ending, RunRules, Unit};
use persistable::{OnError, Resources, StepState};

use super::broken::{Broken, Machinery};

/// What a driver is told to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) below: &'static [&'static [usize]],
    /// Which steps are there already, one bit each.
    pub(super) there: usize,
    pub(super) on_error: OnError,
    pub(super) retries: u32,
    pub(super) workers: usize,
    pub(super) broken: Broken,
}

/// How far a worker is with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has the step.
    Begun,
    /// It has the lease, and there was no artifact.
    Generating,
    /// It is about to tell.
    Ended(Ending),
}

#[derive(Clone, Debug)]
pub(super) struct Driver {
    plan: Plan,
    machine: Machinery,
    now: Duration,
    phases: Vec<Option<Phase>>,
    starts: Vec<u32>,
    /// How often a step may be started.
    allowed: Vec<u32>,
    failures: Vec<u32>,
    losses: Vec<u32>,
    looks: Vec<u32>,
    /// How a step must end, once that is known.
    expected: Vec<Option<StepState>>,
    /// How often the payload of a step was dropped.
    dropped: Vec<u32>,
    is_stopped: bool,
    pub(super) is_dead: bool,
}

impl Driver {
    pub(super) fn new(plan: Plan) -> Self {
        let count = plan.below.len();
        let is_there = |step: usize| plan.there >> step & 1 == 1;
        let unit = |step: usize| Unit {
            is_there: is_there(step),
            below: plan.below[step].iter().copied().filter(|_| !is_there(step)).collect(),
            priority: (count - step) as f64,
            seconds: 1.0,
            needs: Resources::new().cores(1),
        };
        let rules =
            RunRules { on_error: plan.on_error, retries: plan.retries, offer: Resources::new().cores(plan.workers) };
        let none = vec![0; count];
        Self {
            plan,
            machine: Machinery::new((0..count).map(unit).collect(), rules, plan.broken),
            now: Duration::ZERO,
            phases: vec![None; count],
            starts: none.clone(),
            allowed: vec![1; count],
            failures: none.clone(),
            losses: none.clone(),
            looks: none.clone(),
            expected: (0..count).map(|step| is_there(step).then_some(StepState::Present)).collect(),
            dropped: none,
            is_stopped: false,
            is_dead: false,
        }
    }

    pub(super) fn steps(&self) -> std::ops::Range<usize> {
        0..self.phases.len()
    }

    pub(super) fn running(&self) -> impl Iterator<Item = (usize, Phase)> {
        self.phases.iter().enumerate().filter_map(|(step, phase)| Some((step, (*phase)?)))
    }

    pub(super) fn is_over(&self) -> bool {
        self.machine.is_over()
    }

    pub(super) fn state(&self, step: usize) -> StepState {
        self.machine.state(step)
    }

    pub(super) fn looks(&self, step: usize) -> u32 {
        self.looks[step]
    }

    pub(super) fn start(&mut self) -> Option<usize> {
        self.machine.next(self.now)
    }

    /// Checks that a step which was started may run now.
    pub(super) fn check_start(&mut self, step: usize) {
        assert!(!self.is_stopped, "step {step} starts after the stop");
        assert!(self.phases[step].is_none(), "step {step} runs twice at the same time");
        assert!(self.expected[step].is_none(), "step {step} starts though it is over");
        self.starts[step] += 1;
        assert!(self.starts[step] <= self.allowed[step], "step {step} is started too often");
        self.phases[step] = Some(Phase::Begun);
        let running = self.running().count();
        assert!(running <= self.plan.workers, "{running} steps run on {} workers", self.plan.workers);
    }

    /// Whether a step has to be started now, since a worker is free.
    pub(super) fn must_start(&self, step: usize, below: &[&[usize]]) -> bool {
        let is_there = |below: &usize| self.expected[*below].is_some_and(StepState::is_persisted);
        !self.is_stopped
            && self.running().count() < self.plan.workers
            && self.expected[step].is_none()
            && self.phases[step].is_none()
            && self.starts[step] < self.allowed[step]
            && below[step].iter().all(is_there)
            && self.machine.next_look().is_none()
    }

    pub(super) fn is_waiting_for_time(&self) -> bool {
        self.machine.next_look().is_some_and(|due| due > self.now)
    }

    pub(super) fn wait(&mut self) {
        self.now = self.machine.next_look().unwrap();
    }

    pub(super) fn interrupt(&mut self) {
        self.is_stopped = true;
        self.machine.stop();
    }

    pub(super) fn set(&mut self, step: usize, phase: Phase) {
        if phase == Phase::Ended(Ending::Taken) {
            self.looks[step] += 1;
        }
        self.phases[step] = Some(phase);
    }

    /// A worker tells how a step ended.
    pub(super) fn tell(&mut self, step: usize) {
        let Some(Phase::Ended(ending)) = self.phases[step].take() else { unreachable!("it has not ended") };
        let expected = match ending {
            Ending::Generated => Some(StepState::Generated),
            Ending::Found => Some(StepState::Found),
            Ending::Failed => {
                self.failures[step] += 1;
                (self.failures[step] > self.plan.retries || self.is_stopped).then_some(StepState::Failed)
            }
            Ending::Lost => {
                self.losses[step] += 1;
                (self.losses[step] > 1 || self.is_stopped).then_some(StepState::Failed)
            }
            _ => None,
        };
        self.expected[step] = expected;
        if expected.is_none() {
            self.allowed[step] += 1;
        }
        if expected == Some(StepState::Failed) {
            self.is_stopped |= self.plan.on_error == OnError::Stop;
            self.block_above(step);
        }
        let is_over = self.machine.end(step, ending, self.now);
        assert_eq!(is_over, expected.is_some(), "whether step {step} is over after {ending:?}");
        for step in self.machine.take_unused() {
            self.dropped[step] += 1;
            assert_eq!(self.dropped[step], 1, "the payload of step {step} is dropped twice");
            assert!(self.is_unused(step), "the payload of step {step} is dropped, and somebody needs it");
        }
    }

    fn block_above(&mut self, failed: usize) {
        for step in failed..self.plan.below.len() {
            if self.expected[step].is_none() && self.plan.below[step].iter().any(|below| self.is_failed(*below)) {
                self.expected[step] = Some(StepState::Blocked);
            }
        }
    }

    fn is_failed(&self, step: usize) -> bool {
        matches!(self.expected[step], Some(StepState::Failed | StepState::Blocked))
    }

    /// Whether nobody will ask for the payload of a step any more.
    fn is_unused(&self, step: usize) -> bool {
        self.expected[step].is_some()
            && self
                .steps()
                .filter(|above| self.plan.below[*above].contains(&step))
                .all(|above| self.expected[above].is_some())
    }

    pub(super) fn check_end(&self, below: &[&[usize]]) {
        for step in self.steps() {
            let expected = self.expected[step].unwrap_or(StepState::NotStarted);
            assert_eq!(self.state(step), expected, "what became of step {step}");
            assert!(expected != StepState::NotStarted || self.is_stopped, "step {step} was forgotten");
            if expected == StepState::Blocked {
                let by = self.machine.blocked_by(step);
                assert!(by.is_some_and(|by| self.expected[by] == Some(StepState::Failed)), "what blocks step {step}");
            }
            // What was there before is in use only if a step above it is generated.
            let was_used =
                expected != StepState::Present || self.steps().any(|above| self.is_made_from(above, step, below));
            assert!(!was_used || !self.is_unused(step) || self.dropped[step] == 1, "the payload of {step} is kept");
        }
        let counts = self.machine.counts();
        let count = |is: fn(StepState) -> bool| self.expected.iter().flatten().filter(|state| is(**state)).count();
        assert_eq!(counts.running, 0, "how many run at the end");
        assert_eq!(counts.done, count(StepState::is_persisted), "how many are done");
        let is_failed = |state| matches!(state, StepState::Failed | StepState::Blocked);
        assert_eq!(counts.failed, count(is_failed), "how many failed");
    }

    fn is_made_from(&self, above: usize, step: usize, below: &[&[usize]]) -> bool {
        below[above].contains(&step) && self.expected[above] != Some(StepState::Present)
    }
}
