//! The shape of a payload's type: what it consists of, down to the numbers.
//!
//! Formats that name fields but not types take some changes without a word: a `Vec<f64>` in MessagePack is read as a
//! `Vec<f32>`, and 1e300 becomes infinity. So the shape of the type is recorded with the payload, and compared before the
//! payload is read.

mod access;
mod agree;
mod answer;
mod ask;
mod explore;
mod explorer;
mod known;
mod text;
mod tree;

pub(super) use self::agree::check;
#[cfg(feature = "csv")]
pub(super) use self::explore::example;
pub use self::known::shape_of;
