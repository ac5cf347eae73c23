//! Arrays, of which only the dtype, the shape and the digest of the elements are part of an identity.

mod descriptor;
mod digester;
mod dtype;
#[cfg(feature = "ndarray")]
mod element;
mod not_a_number;
mod repair;
mod tree;

pub use descriptor::Array;
pub use digester::ArrayDigester;
pub use dtype::Dtype;
#[cfg(feature = "ndarray")]
pub use element::ArrayElement;
