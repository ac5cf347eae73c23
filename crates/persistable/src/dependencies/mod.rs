//! The steps that a step depends on.
//!
//! [`AsDependencies`] says what a field can hold, [`Collected`] is what one holds, and [`Dependencies`] are all fields of a step
//! with what they hold: they say how the key lists the steps.

mod as_dependencies;
mod collection;
mod containers;
mod derived;
mod fields;
mod pointers;
mod shape;

pub use as_dependencies::AsDependencies;
pub use collection::{Collected, Single};
pub use derived::{Positional, collected, named_variant, variant};
pub use fields::Dependencies;
