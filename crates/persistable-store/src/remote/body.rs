//! What a lease says: the JSON of its object.

use std::time::Duration;

use persistable_base::sync::process;
use serde::{Deserialize, Serialize};

use crate::backend::Holder;
use crate::machine;

const VERSION: u32 = 1;
/// No holder may ask others to wait longer.
const LONGEST_LEASE: Duration = Duration::from_secs(3600);

/// What a lease says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Body {
    format_version: u32,
    /// Whether somebody has it.
    pub state: LeaseState,
    /// A text that no other write has.
    pub write_id: String,
    /// A text that all writes of one holding share.
    pub lease_id: String,
    /// How long it lives that is not renewed.
    pub lease_seconds: f64,
    /// Who has it, or had it last, for people.
    #[serde(default)]
    holder: Option<WrittenHolder>,
    /// What may have been left behind.
    #[serde(default)]
    pub litter: Vec<Litter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LeaseState {
    Held,
    Free,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WrittenHolder {
    host: String,
    process: u32,
    #[serde(default)]
    program: Option<String>,
}

/// What a holder may leave behind if it dies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Litter {
    /// What the names of a payload's objects begin with; of an upload, the object's name in full.
    pub name: String,
    /// The id of an upload in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
}

impl Body {
    /// Says that this process has the lease.
    pub(super) fn held(lease_id: &str, lease_time: Duration, litter: Vec<Litter>) -> Self {
        Self {
            format_version: VERSION,
            state: LeaseState::Held,
            write_id: machine::unique_text(),
            lease_id: lease_id.to_owned(),
            lease_seconds: lease_time.as_secs_f64(),
            holder: Some(WrittenHolder {
                host: machine::host().to_owned(),
                process: process::id(),
                program: machine::program(),
            }),
            litter,
        }
    }

    /// Says that nobody has it any more.
    pub(super) fn free(self) -> Self {
        Self { state: LeaseState::Free, ..self }
    }

    /// Reads a lease; `None` where it can't be read: then it counts as held by nobody knows whom.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Returns how long it lives that is not renewed.
    pub(super) fn lease_time(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.lease_seconds).ok().map(|time| time.min(LONGEST_LEASE))
    }

    /// Returns who has it, for people.
    pub(super) fn holder(&self) -> Holder {
        let Some(WrittenHolder { host, process, program }) = &self.holder else { return unknown_holder() };
        Holder::new(match program {
            Some(program) => format!("process {process} ({program}) on {host}"),
            None => format!("process {process} on {host}"),
        })
    }
}

pub(super) fn unknown_holder() -> Holder {
    Holder::new("a process that did not say its name")
}
