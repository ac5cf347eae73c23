//! What becomes of a step in a run, and what a failure means for the others.

use std::fmt;

/// What a run does about a step that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// It starts nothing new, and lets the steps that run end.
    #[default]
    Stop,
    /// It leaves out the steps that depend on the failed one, and generates all others.
    Continue,
}

/// What became of a step in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepState {
    /// It was persisted before the run.
    Present,
    /// The run generated and persisted it.
    Generated,
    /// Another process generated it during the run.
    Found,
    /// It failed.
    Failed,
    /// A step that it depends on failed.
    Blocked,
    /// The run stopped before it began.
    NotStarted,
}

impl StepState {
    /// All states.
    pub const ALL: &'static [Self] =
        &[Self::Present, Self::Generated, Self::Found, Self::Failed, Self::Blocked, Self::NotStarted];

    /// Returns the state's name in snake case, the same in every language and every version.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Generated => "generated",
            Self::Found => "found",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::NotStarted => "not_started",
        }
    }

    /// Returns whether the step is persisted now.
    #[must_use]
    pub fn is_persisted(self) -> bool {
        matches!(self, Self::Present | Self::Generated | Self::Found)
    }
}

impl fmt::Display for StepState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
