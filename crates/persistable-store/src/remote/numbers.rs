//! The numbers of leases, where objects can't be replaced only if they are unchanged.

use std::ops::ControlFlow;

use super::names;
use super::root::Root;
use crate::error::Result;

/// So that the order of names is the order of numbers.
const DIGITS: usize = 10;

/// Returns the name of the object of a number.
pub(super) fn object(stem: &str, number: u64) -> String {
    format!("{}~{number:0DIGITS$}", names::lease(stem))
}

/// Returns the numbers that there are, in their order.
pub(super) fn numbers(root: &Root, stem: &str) -> Result<Vec<u64>> {
    let prefix = format!("{}~", names::lease(stem));
    let mut numbers = Vec::new();
    let listed = root.objects.list(&prefix, None, &mut |entries| {
        numbers.extend(entries.iter().filter_map(|entry| entry.name.strip_prefix(&prefix)?.parse::<u64>().ok()));
        ControlFlow::Continue(())
    });
    listed.map_err(|error| root.fault(&error))?;
    Ok(numbers)
}

/// Returns the name of the object with the largest number.
pub(super) fn last(root: &Root, stem: &str) -> Result<Option<String>> {
    Ok(numbers(root, stem)?.last().map(|number| object(stem, *number)))
}
