//! BLAKE3 of elements that are all there, each leaf of the tree looked at while it is in cache.
//!
//! Looking for NaN in a pass of its own would read the memory twice, and reading memory is what takes the time. Here the
//! core that has just hashed a leaf looks at it: the memory is read once, and nearly at the speed of BLAKE3 alone.

use persistable_base::tree::{chaining_value, hash_blocks};

use super::repair::Repair;

/// A power of two, as the subtrees of BLAKE3 need it; large enough to hash all lanes at once, small enough for the
/// innermost caches.
const LEAF_BYTES: usize = 1 << 16;

pub(super) fn digest(elements: &[u8], repair: Option<Repair>) -> [u8; 32] {
    if elements.len() <= LEAF_BYTES {
        return match repair {
            Some(repair) => blake3::hash(&repair.repaired(elements)).into(),
            None => blake3::hash(elements).into(),
        };
    }
    hash_blocks(elements, LEAF_BYTES, |leaf, offset_bytes| {
        let value = chaining_value(leaf, offset_bytes);
        match repair {
            Some(repair) if repair.is_needed(leaf) => chaining_value(&repair.repaired(leaf), offset_bytes),
            _ => value,
        }
    })
    .into()
}
