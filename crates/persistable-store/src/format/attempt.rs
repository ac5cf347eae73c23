//! How the last attempt to generate an artifact goes, or how it failed.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::machine;

/// A note of the last attempt to generate an artifact. Copies of one program that share their steps leave it for each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// What all copies of the program call what they do; `None` if nothing tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The machine of the copy that made the attempt.
    pub host: String,
    /// The copy's process.
    pub process: u32,
    /// How many attempts failed, with this one.
    pub failures: u32,
    /// How many copies died in an attempt before this one.
    pub losses: u32,
    /// Why it failed; `None` if it is under way, or if its process died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Attempt {
    /// Returns one that begins now in this process, after so many failures and losses.
    #[must_use]
    pub fn now(job: Option<String>, failures: u32, losses: u32) -> Self {
        let (host, process) = (machine::host().to_owned(), std::process::id());
        Self { job, host, process, failures, losses, error: None }
    }

    /// Reads a note. One that can't be read tells nothing.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    pub(crate) fn to_text(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| {
            Error::new(ErrorKind::Unavailable, format!("the note of an attempt can't be written: {error}"))
        })
    }
}
