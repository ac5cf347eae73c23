//! How steps and artifacts differ, by what identifies them: payload name, version, params, dependencies.
//!
//! [`Comparison`] tells each [`Difference`] of two steps, anywhere in their trees. [`Likeness`] tells what the differences show.
//! Nothing here lists a store: `persistable` and `persistable-catalogue` say which artifacts are compared.

mod comparison;
mod difference;
mod digits;
mod identified;
mod kinds;
mod likeness;
mod params;
mod scalar;
mod values;

pub use comparison::Comparison;
pub use difference::{Difference, DifferenceKind};
#[doc(hidden)]
pub use digits::compare_digits;
pub use identified::{Below, Identified};
#[doc(hidden)]
pub use kinds::Kind;
pub use likeness::{Likeness, nearer};
pub use params::{leaves_of, params_in, params_of, segment};
#[doc(hidden)]
pub use scalar::digits_of_float;
pub use scalar::{Other, Scalar};
