//! Digesting while reading or writing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use persistable_base::tree;

use crate::error::{Context, Result};
use crate::format::Digest;

const READ_BYTES: usize = 4 << 20;

impl Digest {
    /// Digests a file that is not being written to, from its beginning and with all cores; returns its size in bytes too.
    ///
    /// # Errors
    ///
    /// Those of reading, and an early end where the file became shorter meanwhile.
    pub fn of_open_file(file: &File) -> io::Result<(Self, u64)> {
        let size_bytes = file.metadata()?.len();
        tree::hash_file(file, size_bytes).map(|hash| (Self::from_hash(hash), size_bytes))
    }
}

/// Digests a file from its beginning, reading it in pieces; returns its size in bytes too.
pub(crate) fn digest_file(file: &mut File, path: &Path) -> Result<(Digest, u64)> {
    let mut hasher = blake3::Hasher::new();
    let mut size_bytes = 0_u64;
    // One byte more than the file has, so that a small one ends within its first piece.
    let expected_bytes = file.metadata().context("look at", path)?.len().saturating_add(1);
    let piece_bytes = usize::try_from(expected_bytes).map_or(READ_BYTES, |expected| expected.min(READ_BYTES));
    let mut behind = vec![0; piece_bytes];
    let mut ahead = Vec::new();
    let mut ready = read_full(file, &mut behind).context("read", path)?;
    while ready > 0 {
        size_bytes += ready as u64;
        let filled = behind.get(..ready).unwrap_or_default();
        let next = if ready < piece_bytes {
            hasher.update(filled);
            Ok(0)
        } else {
            ahead.resize(piece_bytes, 0);
            digest_beside(&mut hasher, filled, || read_full(file, &mut ahead))
        };
        ready = next.context("read", path)?;
        std::mem::swap(&mut ahead, &mut behind);
    }
    Ok((Digest::from_hasher(&hasher), size_bytes))
}

/// Digests bytes in another thread while this one does some work; after it, where no thread can be had.
pub(crate) fn digest_beside<T>(hasher: &mut blake3::Hasher, bytes: &[u8], work: impl FnOnce() -> T) -> T {
    let (done, digested) = std::thread::scope(|scope| {
        let digesting = std::thread::Builder::new().spawn_scoped(scope, || {
            hasher.update(bytes);
        });
        (work(), digesting.is_ok())
    });
    if !digested {
        hasher.update(bytes);
    }
    done
}

fn read_full(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
