//! The digest of an array's elements.

use super::dtype::Dtype;
use super::repair::Repair;
use super::tree;

/// Elements that come in pieces are looked at by this much, so that they are still in cache when they are hashed.
const CHUNK_BYTES: usize = 1 << 20;

/// Computes the digest of an array's elements, given in C order as little-endian bytes.
///
/// Elements are hashed where they are, and every NaN counts as the same, which copies no more than the parts that hold one.
/// Large arrays that are [given whole](Self::digest) are shared out to threads that end with the call.
///
/// ```
/// use persistable_key::{Array, ArrayDigester, Dtype};
///
/// let mut digester = ArrayDigester::new(Dtype::Int16);
/// digester.update(&[1, 0, 2, 0]);
/// digester.update(&[3, 0]);
/// let digest = digester.finish();
/// assert_eq!(digest, ArrayDigester::digest(Dtype::Int16, &[1, 0, 2, 0, 3, 0]));
/// let array = Array::new(Dtype::Int16, vec![3], digest);
/// # assert_eq!(array.digest(), blake3::hash(&[1, 0, 2, 0, 3, 0]).as_bytes());
/// ```
#[derive(Clone, Debug)]
pub struct ArrayDigester {
    hasher: blake3::Hasher,
    repair: Option<Repair>,
}

impl ArrayDigester {
    /// Begins the digest of elements of this type, which come in pieces.
    pub fn new(dtype: Dtype) -> Self {
        Self { hasher: blake3::Hasher::new(), repair: Repair::of(dtype) }
    }

    /// Returns the digest of elements that are all there, faster than in pieces.
    pub fn digest(dtype: Dtype, elements: &[u8]) -> [u8; 32] {
        tree::digest(elements, Repair::of(dtype))
    }

    /// Adds the next elements. Each call gives whole elements; those of dtype [`Object`](Dtype::Object) are their
    /// canonical bytes.
    pub fn update(&mut self, elements: &[u8]) {
        match self.repair {
            None => {
                self.hasher.update(elements);
            }
            Some(repair) => {
                for chunk in elements.chunks(CHUNK_BYTES) {
                    self.hasher.update(&repair.repaired(chunk));
                }
            }
        }
    }

    /// Returns the digest of all elements added.
    pub fn finish(self) -> [u8; 32] {
        *self.hasher.finalize().as_bytes()
    }
}
