//! What actors say of what they did.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::process::Output;

use serde::{Deserialize, Serialize};

use crate::problem::Result;

/// What came of one thing that an actor did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// A payload that is wholly of one generation; `origin` is `generated` or `loaded`.
    Payload {
        generation: String,
        origin: String,
    },
    /// A payload that is not what anyone generated for these params.
    Wrong {
        message: String,
    },
    Error {
        kind: String,
        message: String,
    },
    /// It waits in the middle of something until its input ends; another outcome follows.
    Paused,
    /// The process ended without an outcome, which no actor says of itself.
    Died {
        status: String,
        stderr: String,
    },
}

impl Outcome {
    /// Returns the generation of the payload, where there is one.
    pub(crate) fn generation(&self) -> Option<&str> {
        match self {
            Self::Payload { generation, .. } => Some(generation),
            _ => None,
        }
    }

    pub(crate) fn error_kind(&self) -> Option<&str> {
        match self {
            Self::Error { kind, .. } => Some(kind),
            _ => None,
        }
    }

    /// Reads the last line that an actor said.
    pub(crate) fn of_output(output: &Output) -> Self {
        let said = String::from_utf8_lossy(&output.stdout);
        let told = said.lines().next_back().and_then(|line| serde_json::from_str(line).ok());
        match told {
            Some(outcome) if output.status.success() => outcome,
            _ => Self::Died {
                status: output.status.to_string(),
                stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload { generation, origin } => write!(f, "the payload {generation} ({origin})"),
            Self::Wrong { message } => write!(f, "a wrong payload ({message})"),
            Self::Error { kind, message } => write!(f, "the error {kind} ({message})"),
            Self::Paused => f.write_str("a pause"),
            Self::Died { status, stderr } => write!(f, "death ({status}): {stderr}"),
        }
    }
}

/// Says that it pauses, and waits for the input's end.
pub(crate) fn hold_on() -> std::io::Result<()> {
    tell(&Outcome::Paused).map_err(std::io::Error::other)?;
    std::io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

/// Says what came of something.
pub(crate) fn tell(outcome: &Outcome) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(outcome)?)?;
    Ok(out.flush()?)
}
