//! What a run tells while it is under way.

use std::time::Duration;

use super::machine::Counts;
use super::plan::{Plan, PlannedStep};
use super::report::StepReport;
use crate::error::Error;

/// What happened in a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RunEvent<'a> {
    /// The run knows what is there and what is missing.
    Planned(&'a Plan),
    /// A step was started.
    Started(PlannedStep<'a>),
    /// Another process has the lease of a step. The run goes on with others, and comes back.
    Taken(PlannedStep<'a>),
    /// A step failed, and is started again.
    Retried(PlannedStep<'a>, &'a Error),
    /// A step is durable, or it failed.
    Ended(&'a StepReport),
    /// No further steps are started, since one failed or the run was interrupted.
    Stopping,
}

/// How far a run is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// How many steps are in which state.
    pub counts: Counts,
    /// How long the run has been under way.
    pub elapsed: Duration,
    /// How long it will take from now on, by past durations.
    pub remaining: Duration,
}
