//! What became of the steps of a run.

use std::fmt;
use std::time::Duration;

use persistable_key::Key;

use super::state::StepState;
use crate::error::Error;
use crate::params_tree::ParamsTree;

/// What became of each step of a run.
#[derive(Debug)]
pub struct Report {
    pub(super) steps: Vec<StepReport>,
    pub(super) took: Duration,
    pub(super) is_interrupted: bool,
}

/// What became of one step.
#[derive(Debug)]
pub struct StepReport {
    pub(super) tree: ParamsTree,
    pub(super) state: StepState,
    pub(super) took: Option<Duration>,
    pub(super) error: Option<Error>,
    pub(super) blocked_by: Option<ParamsTree>,
    pub(super) restarts: u32,
    pub(super) is_target: bool,
}

impl Report {
    /// Iterates over the steps, in the order of the [plan](crate::Plan::steps).
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &StepReport> {
        self.steps.iter()
    }

    /// Returns how many steps ended in a state.
    #[must_use]
    pub fn count(&self, state: StepState) -> usize {
        self.steps.iter().filter(|step| step.state == state).count()
    }

    /// Iterates over the steps that failed.
    pub fn failures(&self) -> impl Iterator<Item = &StepReport> {
        self.steps.iter().filter(|step| step.state == StepState::Failed)
    }

    /// Returns how long the run took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Returns whether [`Runner::interrupt`](crate::Runner::interrupt) stopped it.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.is_interrupted
    }
}

impl StepReport {
    /// Returns the payload's name.
    #[must_use]
    pub fn payload_name(&self) -> &str {
        self.tree.payload_name()
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.tree.key()
    }

    /// Returns the params of the step and of everything it depends on.
    #[must_use]
    pub fn params_tree(&self) -> &ParamsTree {
        &self.tree
    }

    /// Returns what became of it.
    #[must_use]
    pub fn state(&self) -> StepState {
        self.state
    }

    /// Returns how long it was worked on; `None` if it was not started, or was there.
    #[must_use]
    pub fn took(&self) -> Option<Duration> {
        self.took
    }

    /// Returns why it failed.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Returns the step that failed, if this one depends on it and was left out.
    #[must_use]
    pub fn blocked_by(&self) -> Option<&ParamsTree> {
        self.blocked_by.as_ref()
    }

    /// Returns how often it was started again after a failure.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// Returns whether it was asked for. Others are only needed by those.
    #[must_use]
    pub fn is_target(&self) -> bool {
        self.is_target
    }
}

/// The payload name with the first half of the key, as in file names, and the state.
impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.tree.id(), self.state)
    }
}

/// `60 steps: 12 present, 48 generated`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps", self.steps.len())?;
        let mut begin = ": ";
        for state in StepState::ALL {
            let count = self.count(*state);
            if count > 0 {
                write!(f, "{begin}{count} {}", state.as_str().replace('_', " "))?;
                begin = ", ";
            }
        }
        Ok(())
    }
}
