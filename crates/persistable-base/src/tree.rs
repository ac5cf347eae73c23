//! BLAKE3 on all cores.
//!
//! The threads are started for each call. A pool that outlives the call would be dead in a forked child, which would wait for it
//! for ever; and waiting within a pool of the caller's would take up its other work meanwhile.

use std::fs::File;
use std::io;
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

use blake3::hazmat::{ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root};
use blake3::{Hash, Hasher};

/// Below this, starting threads costs more than it saves.
const PARALLEL_BYTES: usize = 4 << 20;

/// A thread takes so much at a time: enough work to be worth the taking, and the thread.
const TURN_BYTES: usize = 1 << 20;

/// Hashes bytes in memory.
#[must_use]
pub fn hash(bytes: &[u8]) -> Hash {
    if bytes.len() < PARALLEL_BYTES {
        return blake3::hash(bytes);
    }
    hash_blocks(bytes, TURN_BYTES, chaining_value)
}

/// Hashes bytes in memory, more than one block of them. `hash_block` hashes one, given with its offset in bytes; it may change
/// what is hashed, as [`chaining_value`] does not.
///
/// A block has a power of two of bytes, and at most 1 MiB.
pub fn hash_blocks(bytes: &[u8], block_bytes: usize, hash_block: impl Fn(&[u8], u64) -> ChainingValue + Sync) -> Hash {
    let hashed = in_turns(
        bytes.len(),
        block_bytes,
        || (),
        |(), offset, size| {
            let block = bytes.get(offset..offset + size).unwrap_or_default();
            Ok(hash_block(block, offset as u64))
        },
    );
    hashed.unwrap_or_else(|_| blake3::hash(bytes)) // No block of bytes in memory fails.
}

/// Hashes the first so many bytes of a file, each thread reading what it hashes.
///
/// # Errors
///
/// Those of reading, and an early end where the file has fewer bytes.
#[cfg(unix)]
pub fn hash_file(file: &File, size_bytes: u64) -> io::Result<Hash> {
    use std::os::unix::fs::FileExt;

    let bytes = usize::try_from(size_bytes).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    if bytes < PARALLEL_BYTES {
        let mut content = vec![0; bytes];
        file.read_exact_at(&mut content, 0)?;
        return Ok(blake3::hash(&content));
    }
    in_turns(
        bytes,
        TURN_BYTES,
        || vec![0; TURN_BYTES],
        |buffer, offset, size| {
            let block = buffer.get_mut(..size).unwrap_or_default();
            file.read_exact_at(block, offset as u64)?;
            Ok(chaining_value(block, offset as u64))
        },
    )
}

/// Hashes one block as a part of a larger whole, in which it begins at the offset.
#[must_use]
pub fn chaining_value(block: &[u8], offset_bytes: u64) -> ChainingValue {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(offset_bytes);
    hasher.update(block);
    hasher.finalize_non_root()
}

/// Hashes so many bytes, more than one block of them, in threads that take turns. `tools` are what a thread needs for itself.
fn in_turns<T>(
    bytes: usize,
    block_bytes: usize,
    tools: impl Fn() -> T + Sync,
    hash_block: impl Fn(&mut T, usize, usize) -> io::Result<ChainingValue> + Sync,
) -> io::Result<Hash> {
    let mut values = vec![ChainingValue::default(); bytes.div_ceil(block_bytes)];
    let turns = values.chunks_mut((TURN_BYTES / block_bytes).max(1));
    let cores = if bytes < PARALLEL_BYTES { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) };
    let threads = cores.min(turns.len());
    let (blocks_of_turn, turns) = ((TURN_BYTES / block_bytes).max(1), Mutex::new(turns.enumerate()));
    let failure = Mutex::new(None);
    let take_turn = || lock(&turns).next();
    let work = || {
        let mut tools = tools();
        while lock(&failure).is_none()
            && let Some((turn, values)) = take_turn()
        {
            for (n, value) in values.iter_mut().enumerate() {
                let offset = (turn * blocks_of_turn + n) * block_bytes;
                match hash_block(&mut tools, offset, block_bytes.min(bytes - offset)) {
                    Ok(hashed) => *value = hashed,
                    Err(error) => *lock(&failure) = Some(error),
                }
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
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let (left, right) = halves(&values, bytes, block_bytes);
    Ok(merge_subtrees_root(&left, &right, Mode::Hash))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Merges the blocks of so many bytes, more than one, into the two halves of their tree.
fn halves(blocks: &[ChainingValue], bytes: usize, block_bytes: usize) -> (ChainingValue, ChainingValue) {
    let left_bytes = left_subtree_len(bytes as u64) as usize;
    let (left, right) = blocks.split_at(left_bytes / block_bytes);
    (subtree(left, left_bytes, block_bytes), subtree(right, bytes - left_bytes, block_bytes))
}

fn subtree(blocks: &[ChainingValue], bytes: usize, block_bytes: usize) -> ChainingValue {
    match blocks {
        [block] => *block,
        _ => {
            let (left, right) = halves(blocks, bytes, block_bytes);
            merge_subtrees_non_root(&left, &right, Mode::Hash)
        }
    }
}
