//! What is left of an artifact that was removed.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::manifest::Manifest;
use crate::error::{Error, ErrorKind, Result};

/// A record of removal: when and why an artifact was removed, and what its manifest said.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Removed {
    /// When: RFC 3339, UTC.
    pub removed_at: String,
    /// Why, for people.
    pub reason: String,
    /// The program that removed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The manifest, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<Box<RawValue>>,
}

impl Removed {
    /// Records a removal now.
    pub(crate) fn now(now: SystemTime, reason: &str, program: Option<String>, manifest: Option<&[u8]>) -> Self {
        let text = manifest.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let manifest = text.and_then(|text| RawValue::from_string(text.trim_end().to_owned()).ok());
        let removed_at = humantime::format_rfc3339_millis(now).to_string();
        Self { removed_at, reason: reason.to_owned(), program, manifest }
    }

    /// Returns what the manifest said, if that is known and not damaged.
    #[must_use]
    pub fn manifest(&self) -> Option<Manifest> {
        let text = format!("{}\n", self.manifest.as_ref()?.get());
        Manifest::parse(text.as_bytes()).ok()
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    pub(crate) fn to_text(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| {
            Error::new(ErrorKind::Unavailable, format!("the record of removal can't be written: {error}"))
        })
    }
}
