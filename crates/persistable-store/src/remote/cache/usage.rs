//! How many bytes the cache has, without looking at all entries.
//!
//! The file `usage` holds numbers of eight bytes: first what the entries had when they were last counted, then what each process
//! has added since. It is an estimate: who evicts counts anew.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::folder::{create_file, open_or_create};
use crate::machine;

/// A longer file is counted anew.
const MOST_BYTES: usize = 1 << 20;
/// After this part of the limit, a process looks at the estimate again.
const PARTS: u64 = 256;
/// What an entry needs besides its payload.
pub(super) const ENTRY_BYTES: u64 = 4 << 10;

/// What this process has added.
#[derive(Debug, Default)]
pub(super) struct CacheUsage {
    added_bytes: AtomicU64,
    has_looked: AtomicBool,
}

impl CacheUsage {
    /// Notes that a payload is going to be added. Returns whether there may be too much then.
    pub(super) fn add(&self, cache: &Path, payload_bytes: u64, limit_bytes: u64) -> bool {
        let bytes = payload_bytes.saturating_add(ENTRY_BYTES);
        let path = cache.join("usage");
        let is_first = !path.exists();
        let noted = open_or_create(&path).and_then(|mut file| file.write_all(&bytes.to_le_bytes()));
        if noted.is_err() {
            return false; // Then nothing else can be written either.
        }
        let added = self.added_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let has_looked = self.has_looked.swap(true, Ordering::Relaxed);
        if is_first || (has_looked && added < limit_bytes / PARTS) {
            return is_first;
        }
        self.added_bytes.store(0, Ordering::Relaxed);
        fs::read(&path).is_ok_and(|numbers| numbers.len() > MOST_BYTES || sum(&numbers) > limit_bytes)
    }
}

/// Puts down how many bytes there are.
pub(super) fn note(cache: &Path, bytes: u64) -> io::Result<()> {
    let new = cache.join(format!("usage~{}", machine::unique_text()));
    create_file(&new)?.write_all(&bytes.to_le_bytes())?;
    fs::rename(&new, cache.join("usage")).inspect_err(|_| drop(fs::remove_file(&new)))
}

fn sum(numbers: &[u8]) -> u64 {
    let numbers = numbers.as_chunks::<8>().0.iter().map(|number| u64::from_le_bytes(*number));
    numbers.fold(0, u64::saturating_add)
}
