//! Random numbers. They come from the system each time: a forked child must not repeat its parent's.

/// Returns 64 random bits.
pub(crate) fn bits() -> u64 {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        // Only pauses and names of temporary objects hang on it: the time will do.
        Err(_) => persistable_base::clock::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos().wrapping_mul(u128::from(std::process::id())) as u64),
    }
}

/// Returns a number from 0 up to 1.
pub(crate) fn fraction() -> f64 {
    (bits() >> 11) as f64 / (1_u64 << 53) as f64
}
