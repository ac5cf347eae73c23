//! The one error of a run, which names all failures and has the report.

use std::error::Error as StdError;
use std::fmt;

use super::report::Report;
use super::state::StepState;
use crate::error::{Error, ErrorKind};

/// So many failures are named in a message.
const MOST_NAMED: usize = 10;

/// What failed in a run. The source of the run's error.
#[derive(Debug)]
pub(super) struct RunFailure(Report);

impl Report {
    /// Returns the report in the error of a run.
    #[must_use]
    pub fn of(error: &Error) -> Option<&Self> {
        error.source()?.downcast_ref::<RunFailure>().map(RunFailure::report)
    }
}

impl RunFailure {
    pub(super) fn report(&self) -> &Report {
        &self.0
    }
}

impl fmt::Display for RunFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.failures().next() {
            Some(step) => write!(f, "{} failed first", step.params_tree().id()),
            None => f.write_str("the run was stopped"),
        }
    }
}

impl StdError for RunFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.failures().find_map(|step| step.error()).map(|error| error as _)
    }
}

/// Returns the report, or the error of a run in which a step failed or which was stopped.
pub(super) fn result(report: Report) -> Result<Report, Error> {
    let failed = report.count(StepState::Failed);
    let (blocked, not_started) = (report.count(StepState::Blocked), report.count(StepState::NotStarted));
    if failed == 0 && not_started == 0 && !report.is_interrupted {
        return Ok(report);
    }
    let first = report.failures().find_map(|step| step.error()).map(Error::kind);
    let kind = if report.is_interrupted { ErrorKind::Interrupted } else { first.unwrap_or(ErrorKind::Generation) };
    let mut message = Vec::new();
    if report.is_interrupted {
        message.push("it was interrupted".to_owned());
    }
    if failed > 0 {
        let named: Vec<String> = report.failures().take(MOST_NAMED).map(|step| step.tree.id().to_string()).collect();
        let more = if failed > named.len() { format!(", and {} more", failed - named.len()) } else { String::new() };
        message.push(format!("{failed} failed: {}{more}", named.join(", ")));
    }
    if blocked > 0 {
        message.push(format!("{blocked} depend on a step that failed"));
    }
    if not_started > 0 {
        message.push(format!("{not_started} were not started"));
    }
    let steps = format!("{} steps", report.steps.len());
    let error = Error::new(kind, "run", steps, message.join("; ")).not_retryable();
    let error = match report.is_interrupted {
        true => error.advise("What was persisted stays. Run it again to go on from there"),
        false => error,
    };
    Err(error.caused_by(RunFailure(report)))
}
