//! What lies in the place of a manifest whose artifact was removed.
//!
//! A delete can't be bound to a condition, so it might hit the manifest of somebody else. A put can.

use serde::{Deserialize, Serialize};

use crate::machine::unique_text;

/// All tombstones begin so, and no manifest does.
const BEGIN: &[u8] = b"{\"removed\":";
/// A reason is for people.
const MOST_REASON_CHARS: usize = 1000;

#[derive(Debug, Serialize, Deserialize)]
struct Tombstone {
    removed: String,
    write_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Writes a tombstone.
pub(super) fn write(reason: Option<&str>) -> Vec<u8> {
    let removed = humantime::format_rfc3339_seconds(persistable_base::clock::now()).to_string();
    let reason = reason.map(|reason| reason.chars().take(MOST_REASON_CHARS).collect());
    serde_json::to_vec(&Tombstone { removed, write_id: unique_text(), reason }).unwrap_or_default()
}

/// Whether this is a tombstone.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(BEGIN) && serde_json::from_slice::<Tombstone>(bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tombstone_is_told_from_a_manifest() {
        assert!(is_one(&write(None)) && is_one(&write(Some("it is \"damaged\""))));
        assert_ne!(write(None), write(None));
        for other in ["", "{}", "{\"removed\":", "{\n  \"format_version\": 1\n}", "{\"removed\":1}"] {
            assert!(!is_one(other.as_bytes()), "{other}");
        }
    }
}
