//! What a run tells while it is under way.

use std::fmt;
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
    /// The run is over, and all that it persisted is durable.
    Finished,
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

/// `12 of 60 steps, 2 running, 1 failed, about 40 s left`.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { total, done, running, failed } = self.counts;
        write!(f, "{done} of {total} steps")?;
        if running > 0 {
            write!(f, ", {running} running")?;
        }
        if failed > 0 {
            write!(f, ", {failed} failed")?;
        }
        if running == 0 || done + failed >= total {
            return Ok(());
        }
        match self.remaining.as_secs() {
            seconds @ 0..100 => write!(f, ", about {seconds} s left"),
            seconds @ 100..6000 => write!(f, ", about {} min left", seconds.div_ceil(60)),
            seconds => write!(f, ", about {} h left", seconds.div_ceil(3600)),
        }
    }
}
