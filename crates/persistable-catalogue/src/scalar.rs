//! Values of params and facts, one by one.

pub(crate) use persistable_compare::{Kind, compare_digits, digits_of_float};
pub use persistable_compare::{Other, Scalar};
