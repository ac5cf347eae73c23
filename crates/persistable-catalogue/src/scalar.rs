//! Values of params and facts, one by one.

pub(crate) use persistable_compare::Kind;
pub use persistable_compare::{Other, Scalar};
