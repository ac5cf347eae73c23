//! Crafted bytes against libraries that trust offsets in a file.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Decodes, and makes an error of a panic: these libraries check most of what a file claims, and index with the rest.
///
/// Nothing half decoded is seen afterwards, so that it does not matter in which state a panic leaves it.
pub(in crate::io) fn decode<T, E: Display>(decode: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(decoded) => decoded.map_err(|error| error.to_string()),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
            Err(format!("the file contradicts itself ({message})"))
        }
    }
}
