//! Texts that no other call, process or machine makes.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::fork::Lazy;
use crate::os;

/// What tells processes apart whose clocks stand still or go back, and containers whose host names are the same.
static CHANCE: Lazy<u32> = Lazy::new(|| (RandomState::new().hash_one(0) >> 32) as u32);

/// Returns a short text, usable in a file name, without a `~`.
pub(crate) fn text() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    // Machines and containers that share a folder may give the same process id at the same time.
    let host: String = blake3::hash(os::host().as_bytes()).to_hex().chars().take(8).collect();
    format!("{now:x}-{host}-{:x}-{call:x}-{:x}", std::process::id(), *CHANCE)
}
