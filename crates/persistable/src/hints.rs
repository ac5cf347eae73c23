//! Hints for steps that would work better if they were declared otherwise.

use std::collections::BTreeSet;
use std::path::Path;

use persistable_base::fork::Table;
use persistable_key::Value;

use crate::log::{Event, tell};
use crate::params_tree::ParamsTree;

/// Lists as long as this take a noticeable time.
const MANY: usize = 100_000;
/// So many numbers are looked at.
const LOOKED_AT: usize = 1000;
/// What one would write in Rust for bytes.
const BYTE: std::ops::RangeInclusive<i128> = 0..=255;

/// The payload names and params of which a hint was given.
static TOLD: Table<BTreeSet<(String, String)>> = Table::new(BTreeSet::new());

/// Tells, once, of params that look like bytes and are lists of numbers.
pub(crate) fn tell_of_bytes(tree: &ParamsTree, log_folder: Option<&Path>) {
    for (param, value) in tree.params().iter() {
        let Value::List(numbers) = value else { continue };
        if numbers.len() < MANY || !numbers.iter().take(LOOKED_AT).all(is_a_byte) {
            continue;
        }
        if TOLD.lock().insert((tree.payload_name().to_owned(), param.to_owned())) {
            tell(&Event::ListOfBytes { param, count: numbers.len() }, tree, log_folder);
        }
    }
}

fn is_a_byte(value: &Value) -> bool {
    matches!(value, Value::Int(number) if number.to_i128().is_some_and(|number| BYTE.contains(&number)))
}
