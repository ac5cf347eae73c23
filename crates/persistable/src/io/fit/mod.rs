//! Whether a value survives a format: a look at it before it is written.
//!
//! Formats take some values and give back others without a word. JSON makes `null` of NaN; most make the same of
//! `Some(None)` and `None`; CSV makes the same of an empty text and of none. Those values are refused, by their place.

mod walk;

use std::fmt;

use serde::{Serialize, ser};

use self::walk::Walk;

/// What a format can't keep.
#[derive(Debug)]
pub(super) struct Limits {
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

impl Limits {
    /// Refuses a value that would not be read back as it is.
    pub(super) fn check<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Unfit> {
        value.serialize(Walk::new(self)).map(|_| ())
    }
}

/// What can't be kept, and where it is.
#[derive(Debug)]
pub(super) struct Unfit {
    /// The way to it, the last step first.
    way: Vec<String>,
    problem: String,
}

impl Unfit {
    fn new(problem: impl Into<String>) -> Self {
        Self { way: Vec::new(), problem: problem.into() }
    }

    /// Prefixes the place as the error travels up.
    fn below(mut self, step: impl FnOnce() -> String) -> Self {
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
