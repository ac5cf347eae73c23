//! Stack for what nests as deep as a pipeline.

/// Runs code with more stack where there is little left: the payload of a step that is generated inside another's
/// generation goes as deep as the pipeline, and so does dropping its handles.
pub(crate) fn with_stack<T>(run: impl FnOnce() -> T) -> T {
    const RED_ZONE_BYTES: usize = 1 << 20;
    const STACK_BYTES: usize = 16 << 20;
    stacker::maybe_grow(RED_ZONE_BYTES, STACK_BYTES, run)
}
