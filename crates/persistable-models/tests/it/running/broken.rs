//! The state machine, and ways to break it from outside.

use std::time::Duration;

use persistable::__private::{Ending, Machine, RunRules, Unit};
use persistable::{Counts, OnError, Resources, StepState};

/// What is broken. Each has to be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    None,
    /// A step is handed out once more while it runs.
    StartsTwice,
    /// The last step that another one needs is forgotten.
    ForgetsBelow,
    /// A step that another driver has is never looked at again.
    ForgetsTaken,
    /// A step that another driver has counts as done.
    TakenIsDone,
    /// A failure counts as a result.
    FailureIsDone,
    /// A failed step is never started again.
    NoRetries,
    /// A failed step is started again for ever.
    EndlessRetries,
    /// The step of a lost worker is forgotten.
    ForgetsLost,
    /// Steps start after the stop.
    IgnoresStop,
    /// Steps start after a failure that stops the run.
    IgnoresFailure,
    /// More steps run than there are workers.
    TooManyWorkers,
    /// A step waits though a worker is free.
    IdleWorker,
    /// A payload is dropped when its step ends, and not after the last step that needs it.
    DropsEarly,
    /// No payload is dropped.
    DropsNone,
    /// The steps above a failed one are forgotten.
    ForgetsBlocked,
}

/// The machine, perhaps broken.
#[derive(Clone, Debug)]
pub(super) struct Machinery {
    machine: Machine,
    broken: Broken,
    again: Option<usize>,
    ended: Vec<usize>,
}

impl Machinery {
    pub(super) fn new(mut units: Vec<Unit>, mut rules: RunRules, broken: Broken) -> Self {
        match broken {
            Broken::ForgetsBelow => {
                for unit in &mut units {
                    unit.below.pop();
                }
            }
            Broken::NoRetries => rules.retries = 0,
            Broken::EndlessRetries => rules.retries = u32::MAX,
            Broken::IgnoresFailure => rules.on_error = OnError::Continue,
            Broken::TooManyWorkers => rules.offer = Resources::new().cores(9),
            Broken::IdleWorker => rules.offer = Resources::new().cores(1),
            _ => {}
        }
        Self { machine: Machine::new(units, rules), broken, again: None, ended: Vec::new() }
    }

    pub(super) fn next(&mut self, now: Duration) -> Option<usize> {
        if self.broken == Broken::StartsTwice
            && let Some(again) = self.again.take()
        {
            return Some(again);
        }
        let next = self.machine.next(now)?;
        self.again = Some(next);
        Some(next)
    }

    pub(super) fn end(&mut self, step: usize, ending: Ending, now: Duration) -> bool {
        let ending = match (self.broken, ending) {
            (Broken::ForgetsTaken, Ending::Taken) | (Broken::ForgetsLost, Ending::Lost) => return false,
            (Broken::TakenIsDone, Ending::Taken) | (Broken::FailureIsDone, Ending::Failed) => Ending::Found,
            _ => ending,
        };
        self.again = None;
        let is_over = self.machine.end(step, ending, now);
        if is_over {
            self.ended.push(step);
        }
        is_over
    }

    pub(super) fn stop(&mut self) {
        if self.broken != Broken::IgnoresStop {
            self.machine.stop();
        }
    }

    pub(super) fn take_unused(&mut self) -> Vec<usize> {
        let unused = self.machine.take_unused();
        match self.broken {
            Broken::DropsEarly => std::mem::take(&mut self.ended),
            Broken::DropsNone => Vec::new(),
            _ => unused,
        }
    }

    pub(super) fn state(&self, step: usize) -> StepState {
        match self.machine.state(step) {
            StepState::Blocked if self.broken == Broken::ForgetsBlocked => StepState::NotStarted,
            state => state,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.machine.is_over()
    }

    pub(super) fn next_look(&self) -> Option<Duration> {
        self.machine.next_look()
    }

    pub(super) fn blocked_by(&self, step: usize) -> Option<usize> {
        self.machine.blocked_by(step)
    }

    pub(super) fn counts(&self) -> Counts {
        self.machine.counts()
    }
}
