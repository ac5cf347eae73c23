//! BLAKE3 on all cores.

use std::fs::File;
use std::io;
use std::num::NonZero;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};
use std::thread;

use blake3::Hasher;
use blake3::hazmat::{ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root};

/// A power of two, as the subtrees of BLAKE3 need it.
const BLOCK_BYTES: usize = 1 << 20;

/// Below this, starting threads costs more than it saves.
const PARALLEL_BYTES: usize = 4 << 20;

/// Hashes bytes, many of them in threads of its own. A pool that outlives the call would be dead in a forked child, which
/// would wait for it for ever; and waiting within a pool of the caller's would take up its other work meanwhile.
pub(crate) fn hash(bytes: &[u8]) -> blake3::Hash {
    if bytes.len() < PARALLEL_BYTES {
        return blake3::hash(bytes);
    }
    let mut values = vec![ChainingValue::default(); bytes.len().div_ceil(BLOCK_BYTES)];
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(values.len());
    let blocks = Mutex::new(bytes.chunks(BLOCK_BYTES).zip(&mut values).enumerate());
    let take_block = || blocks.lock().unwrap_or_else(PoisonError::into_inner).next();
    on_threads(threads, || {
        while let Some((n, (block, value))) = take_block() {
            *value = chaining_value(block, (n * BLOCK_BYTES) as u64);
        }
    });
    let (left, right) = halves(&values, bytes.len());
    merge_subtrees_root(&left, &right, Mode::Hash)
}

/// Hashes the first so many bytes of a file, each thread reading the blocks that it hashes.
pub(crate) fn hash_file(file: &File, size_bytes: u64) -> io::Result<blake3::Hash> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    let bytes = usize::try_from(size_bytes).map_err(|_| too_large())?;
    if bytes < PARALLEL_BYTES {
        let mut content = vec![0; bytes];
        file.read_exact_at(&mut content, 0)?;
        return Ok(blake3::hash(&content));
    }
    let mut values = vec![ChainingValue::default(); bytes.div_ceil(BLOCK_BYTES)];
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(values.len());
    let blocks = Mutex::new(values.iter_mut().enumerate());
    let failure = Mutex::new(None);
    let take_block = || blocks.lock().unwrap_or_else(PoisonError::into_inner).next();
    let has_failed = || failure.lock().unwrap_or_else(PoisonError::into_inner).is_some();
    on_threads(threads, || {
        let mut buffer = vec![0; BLOCK_BYTES];
        while !has_failed()
            && let Some((n, value)) = take_block()
        {
            let offset = n * BLOCK_BYTES;
            let block = buffer.get_mut(..BLOCK_BYTES.min(bytes - offset)).unwrap_or_default();
            match file.read_exact_at(block, offset as u64) {
                Ok(()) => *value = chaining_value(block, offset as u64),
                Err(error) => *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error),
            }
        }
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let (left, right) = halves(&values, bytes);
    Ok(merge_subtrees_root(&left, &right, Mode::Hash))
}

/// Does work on so many threads, of which this is one.
fn on_threads(threads: usize, work: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread can be had, the others do its work.
            let _ = thread::Builder::new().spawn_scoped(scope, &work);
        }
        work();
    });
}

fn chaining_value(block: &[u8], offset_bytes: u64) -> ChainingValue {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(offset_bytes);
    hasher.update(block);
    hasher.finalize_non_root()
}

/// Merges the blocks of so many bytes, more than one, into the two halves of their tree.
fn halves(blocks: &[ChainingValue], bytes: usize) -> (ChainingValue, ChainingValue) {
    let left_bytes = left_subtree_len(bytes as u64) as usize;
    let (left, right) = blocks.split_at(left_bytes / BLOCK_BYTES);
    (subtree(left, left_bytes), subtree(right, bytes - left_bytes))
}

fn subtree(blocks: &[ChainingValue], bytes: usize) -> ChainingValue {
    match blocks {
        [block] => *block,
        _ => {
            let (left, right) = halves(blocks, bytes);
            merge_subtrees_non_root(&left, &right, Mode::Hash)
        }
    }
}
