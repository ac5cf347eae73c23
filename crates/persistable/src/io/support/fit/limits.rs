//! What a format can keep, and what is said of a value that it can't.

use std::fmt;

use serde::ser;

/// What a format can't keep.
#[derive(Debug)]
pub(in crate::io) struct Limits {
    /// What serde asks for: whether types may choose a form that is for people.
    pub human_readable: bool,
    /// Whether NaN and the infinities are kept.
    pub non_finite_floats: bool,
    /// Whether an empty text is more than nothing at all.
    pub empty_text: bool,
    /// Whether a struct without fields is more than nothing at all.
    pub unit_structs: bool,
    /// How deeply values may be nested in each other, so that they can be read again.
    pub depth: usize,
    /// Whether the value is a record whose fields are plain cells.
    pub row: bool,
}

/// What can't be kept, and where it is.
#[derive(Debug)]
pub(in crate::io) struct Unfit {
    /// The way to it, the last step first.
    way: Vec<String>,
    problem: String,
}

impl Unfit {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self { way: Vec::new(), problem: problem.into() }
    }

    /// Prefixes the place as the error travels up.
    pub(super) fn below(mut self, step: impl FnOnce() -> String) -> Self {
        self.way.push(step());
        self
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.way.is_empty() {
            let way: String = self.way.iter().rev().map(String::as_str).collect();
            write!(f, "at {}: ", way.strip_prefix('.').unwrap_or(&way))?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Unfit {}

impl ser::Error for Unfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}
