//! BLAKE3 of elements that are all there, each leaf of the tree looked at while it is in cache.
//!
//! Looking for NaN in a pass of its own would read the memory twice, and reading memory is what takes the time. Here the
//! core that has just hashed a leaf looks at it: the memory is read once, and nearly at the speed of BLAKE3 alone.

use blake3::Hasher;
use blake3::hazmat::{ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root};

use super::repair::Repair;

/// A power of two, as the subtrees of BLAKE3 need it; large enough to hash all lanes at once, small enough for the
/// innermost caches.
const LEAF_BYTES: usize = 1 << 16;

pub(super) fn digest(elements: &[u8], repair: Repair) -> [u8; 32] {
    if elements.len() <= LEAF_BYTES {
        return *blake3::hash(&repair.repaired(elements)).as_bytes();
    }
    let (left, right) = both_halves(elements, 0, repair);
    *merge_subtrees_root(&left, &right, Mode::Hash).as_bytes()
}

fn subtree(elements: &[u8], offset_bytes: u64, repair: Repair) -> ChainingValue {
    if elements.len() > LEAF_BYTES {
        let (left, right) = both_halves(elements, offset_bytes, repair);
        return merge_subtrees_non_root(&left, &right, Mode::Hash);
    }
    let digest = leaf(elements, offset_bytes);
    if repair.is_needed(elements) { leaf(&repair.repaired(elements), offset_bytes) } else { digest }
}

fn both_halves(elements: &[u8], offset_bytes: u64, repair: Repair) -> (ChainingValue, ChainingValue) {
    let left_bytes = left_subtree_len(elements.len() as u64);
    let (left, right) = elements.split_at(left_bytes as usize);
    rayon_core::join(|| subtree(left, offset_bytes, repair), || subtree(right, offset_bytes + left_bytes, repair))
}

fn leaf(elements: &[u8], offset_bytes: u64) -> ChainingValue {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(offset_bytes);
    hasher.update(elements);
    hasher.finalize_non_root()
}
