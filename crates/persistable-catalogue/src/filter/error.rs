//! Errors that point at the place.

use std::ops::Range;

use crate::error::{Error, ErrorKind};

/// Says what is wrong with a part of a filter.
pub(super) fn at(text: &str, span: Range<usize>, message: &str) -> Error {
    let width = |part: &str| part.chars().count();
    let before = width(text.get(..span.start).unwrap_or(text));
    let marks = width(text.get(span).unwrap_or_default()).max(1);
    // One line, so that the marks stand below what they mean.
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let message = format!("{message}\n  {line}\n  {}{}", " ".repeat(before), "^".repeat(marks));
    Error::new(ErrorKind::Filter, message)
}
