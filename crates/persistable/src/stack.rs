//! Stack for nested generations.

use crate::step::StepResult;

/// Runs code that a user of the library wrote, with more stack where there is little left: the payload of a step that
/// is generated inside another's generation goes as deep as the pipeline.
pub(crate) fn with_stack<T>(run: impl FnOnce() -> StepResult<T>) -> StepResult<T> {
    const RED_ZONE_BYTES: usize = 1 << 20;
    const STACK_BYTES: usize = 16 << 20;
    stacker::maybe_grow(RED_ZONE_BYTES, STACK_BYTES, run)
}
