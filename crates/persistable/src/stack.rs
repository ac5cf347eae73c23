//! Stack for what nests as deep as a pipeline.

/// Runs code with more stack where there is little left: the payload of a step that is generated inside another's
/// generation goes as deep as the pipeline, and so does dropping its handles.
pub(crate) fn with_stack<T>(run: impl FnOnce() -> T) -> T {
    const RED_ZONE_BYTES: usize = 1 << 20;
    const STACK_BYTES: usize = 16 << 20;
    stacker::maybe_grow(RED_ZONE_BYTES, STACK_BYTES, run)
}

/// Returns how much stack a thread gets that works in place of this one: as much as this one has, and at least what the standard
/// library gives, which the environment variable `RUST_MIN_STACK` tells.
#[cfg(feature = "rayon")]
pub(crate) fn stack_bytes() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};

    const USUAL_BYTES: usize = 2 << 20;
    const MOST_BYTES: usize = 1 << 30;
    static LEAST_BYTES: AtomicUsize = AtomicUsize::new(0);
    let mut least = LEAST_BYTES.load(Ordering::Relaxed);
    if least == 0 {
        least = std::env::var("RUST_MIN_STACK").ok().and_then(|text| text.parse().ok()).unwrap_or(USUAL_BYTES).max(1);
        LEAST_BYTES.store(least, Ordering::Relaxed);
    }
    // A part of the present stack is used: the whole is the next power of two, in almost all cases.
    let present = stacker::remaining_stack().map_or(0, |left| left.min(MOST_BYTES).next_power_of_two());
    present.max(least)
}
