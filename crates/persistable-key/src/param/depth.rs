//! A bound on how deep `to_value` calls itself.

use std::cell::Cell;

use crate::error::ParamError;
use crate::kind::{MAX_DEPTH, too_deep};
use crate::value::Value;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A type can only hold itself through a pointer or a collection, so that bounding these bounds the stack, also for types
/// that other crates define. One level of values may pass two of them, as `Vec<Box<Node>>` does.
const MAX_CALLS: usize = 2 * MAX_DEPTH;

/// Calls `to_value`, unless it was entered too often on this thread.
pub(super) fn nested(to_value: impl FnOnce() -> Result<Value, ParamError>) -> Result<Value, ParamError> {
    let _entered = Entered::new();
    if DEPTH.get() > MAX_CALLS {
        return Err(too_deep("parameter"));
    }
    to_value()
}

/// Counts down also where a `to_value` panics.
struct Entered;

impl Entered {
    fn new() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}
