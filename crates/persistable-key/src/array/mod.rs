//! Arrays, of which only the dtype, the shape and the digest of the elements are part of an identity.

mod descriptor;
mod digester;
mod dtype;
mod not_a_number;
mod repair;
mod tree;

pub use descriptor::Array;
pub use digester::ArrayDigester;
pub use dtype::Dtype;
