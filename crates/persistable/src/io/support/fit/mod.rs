//! Whether a value survives a format: a look at it before it is written.
//!
//! Formats take some values and give back others without a word. JSON makes `null` of NaN; most make the same of
//! `Some(None)` and `None`; CSV makes the same of an empty text and of none. Those values are refused, by their place.

mod limits;
mod walk;

pub(in crate::io) use self::limits::Limits;
