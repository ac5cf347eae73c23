//! BLAKE3 of elements that are all there, each leaf of the tree looked at while it is in cache.
//!
//! Looking for NaN in a pass of its own would read the memory twice, and reading memory is what takes the time. Here the
//! core that has just hashed a leaf looks at it: the memory is read once, and nearly at the speed of BLAKE3 alone.

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

use blake3::Hasher;
use blake3::hazmat::{ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root};

use super::repair::Repair;

/// A power of two, as the subtrees of BLAKE3 need it; large enough to hash all lanes at once, small enough for the
/// innermost caches.
const LEAF_BYTES: usize = 1 << 16;

/// A thread takes so many leaves at a time: enough work to be worth the taking, and the thread.
const LEAVES_PER_TURN: usize = 16;

/// Below this, starting threads costs more than it saves.
const PARALLEL_BYTES: usize = 4 << 20;

pub(super) fn digest(elements: &[u8], repair: Option<Repair>) -> [u8; 32] {
    if elements.len() <= LEAF_BYTES {
        return match repair {
            Some(repair) => blake3::hash(&repair.repaired(elements)).into(),
            None => blake3::hash(elements).into(),
        };
    }
    let leaves = leaves(elements, repair);
    let (left, right) = halves(&leaves, elements.len());
    *merge_subtrees_root(&left, &right, Mode::Hash).as_bytes()
}

/// Hashes the leaves, many of them in threads of its own. A pool that outlives the call would be dead in a forked child,
/// which would wait for it for ever; and waiting within a pool of the caller's would take up its other work meanwhile.
fn leaves(elements: &[u8], repair: Option<Repair>) -> Vec<ChainingValue> {
    let mut values = vec![ChainingValue::default(); elements.len().div_ceil(LEAF_BYTES)];
    let turn_bytes = LEAF_BYTES * LEAVES_PER_TURN;
    let turns = elements.chunks(turn_bytes).zip(values.chunks_mut(LEAVES_PER_TURN));
    let threads = threads(elements.len()).min(turns.len());
    let turns = Mutex::new(turns.enumerate());
    let take_turn = || turns.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some((turn, (elements, values))) = take_turn() {
            for (n, (elements, value)) in elements.chunks(LEAF_BYTES).zip(values).enumerate() {
                *value = leaf(elements, (turn * turn_bytes + n * LEAF_BYTES) as u64, repair);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread can be had, the others do its work.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    values
}

fn threads(bytes: usize) -> usize {
    if bytes < PARALLEL_BYTES { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) }
}

fn leaf(elements: &[u8], offset_bytes: u64, repair: Option<Repair>) -> ChainingValue {
    let value = chaining_value(elements, offset_bytes);
    match repair {
        Some(repair) if repair.is_needed(elements) => chaining_value(&repair.repaired(elements), offset_bytes),
        _ => value,
    }
}

fn chaining_value(bytes: &[u8], offset_bytes: u64) -> ChainingValue {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(offset_bytes);
    hasher.update(bytes);
    hasher.finalize_non_root()
}

/// Merges the leaves of so many bytes, more than one, into the two halves of their tree.
fn halves(leaves: &[ChainingValue], bytes: usize) -> (ChainingValue, ChainingValue) {
    let left_bytes = left_subtree_len(bytes as u64) as usize;
    let (left, right) = leaves.split_at(left_bytes / LEAF_BYTES);
    (subtree(left, left_bytes), subtree(right, bytes - left_bytes))
}

fn subtree(leaves: &[ChainingValue], bytes: usize) -> ChainingValue {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let (left, right) = halves(leaves, bytes);
            merge_subtrees_non_root(&left, &right, Mode::Hash)
        }
    }
}
