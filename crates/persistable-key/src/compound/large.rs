//! What of compound values is too large to be shown to people.

use std::fmt::Display;

use crate::error::ParamError;
use crate::kind::{Forms, Large, SMALL_WEIGHT_BYTES};
use crate::value::Value;

/// A heavier value is told by what it is: some hundred numbers weigh that much.
const MOST_SHOWN_BYTES: usize = 16 << 10;

/// Returns what values weigh together.
pub(super) fn sum<'a>(parts: impl Iterator<Item = &'a Value>) -> usize {
    parts.fold(SMALL_WEIGHT_BYTES, |sum, part| sum.saturating_add(part.weight_bytes()))
}

/// Returns what a value weighs for whatever it is part of: one that is elided does not weigh much.
pub(super) fn limited(weight_bytes: usize) -> usize {
    if weight_bytes > MOST_SHOWN_BYTES { SMALL_WEIGHT_BYTES } else { weight_bytes }
}

/// Returns what to show of a value of this weight. `put` writes the canonical bytes, whose digest is shown.
pub(super) fn large(
    weight_bytes: usize,
    what: impl Display,
    put: impl FnOnce(&mut Vec<u8>) -> Result<(), ParamError>,
) -> Option<Large> {
    if weight_bytes <= MOST_SHOWN_BYTES {
        return None;
    }
    let mut canonical = Vec::new();
    let digest = put(&mut canonical).ok().map(|()| blake3::hash(&canonical).into());
    Some(Large { what: what.to_string(), begins: None, digest })
}
