//! What a key knows of an array.

use super::dtype::Dtype;

/// What a key knows of an array: the type of its elements, its shape, and the digest of its elements.
///
/// The digest comes from an [`ArrayDigester`](super::ArrayDigester), or for arrays of `ndarray` from
/// [`Param::to_value`](crate::Param::to_value).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Array {
    dtype: Dtype,
    shape: Vec<u64>,
    digest: [u8; 32],
}

impl Array {
    /// Describes an array of these lengths, whose elements in C order have this digest.
    pub fn new(dtype: Dtype, shape: Vec<u64>, digest: [u8; 32]) -> Self {
        Self { dtype, shape, digest }
    }

    /// Returns the type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Returns the length of each dimension.
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// Returns the digest of the elements in C order.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}
