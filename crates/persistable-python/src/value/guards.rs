//! Where a conversion stands: how deep, inside of what, and by whose encoders.
//!
//! It belongs to the thread, not to a Rust call, because encoders written in Python call back into conversion: a cycle may
//! lead through them, and the encoders that an object brings for its fields hold inside of them as well.

use std::cell::{Cell, RefCell};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::class::MAX_DEPTH;
use super::failure::{Failure, refused};
use super::open_objects;

/// One level of values passes at most an object and what its encoder returns, each with frames of the interpreter
/// between. Bounding these bounds the stack.
const MAX_OPEN: usize = 2 * MAX_DEPTH;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static HAS_ENCODERS: Cell<bool> = const { Cell::new(false) };
    static ENCODERS: RefCell<Option<Py<PyDict>>> = const { RefCell::new(None) };
}

/// An object that is being converted, and so must not occur inside of itself.
pub(super) struct Open(());

impl Open {
    pub(super) fn new(object: &Bound<'_, PyAny>) -> Result<Self, Failure> {
        if !open_objects::open(object.as_ptr() as usize) {
            return Err(refused(object, "contains itself", "break the cycle, or leave the field that closes it out"));
        }
        let open = Self(());
        if open_objects::count() > MAX_OPEN { Err(too_deep(object)) } else { Ok(open) }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        open_objects::close();
    }
}

/// The parts of a value, which are one level deeper than it. That a part without parts is too deep shows when bytes are made.
pub(super) struct Deeper(());

impl Deeper {
    pub(super) fn new(object: &Bound<'_, PyAny>) -> Result<Self, Failure> {
        if DEPTH.get() >= MAX_DEPTH {
            return Err(too_deep(object));
        }
        DEPTH.set(DEPTH.get() + 1);
        Ok(Self(()))
    }
}

impl Drop for Deeper {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

fn too_deep(object: &Bound<'_, PyAny>) -> Failure {
    refused(object, format!("is nested more than {MAX_DEPTH} deep"), "flatten it, or encode it as text or bytes")
}

/// A conversion of its own, whatever is being converted around it: one step's identity never depends on another's.
///
/// The number of open objects stays, since the stack does.
pub(super) struct Fresh {
    depth: usize,
    open: Vec<usize>,
    encoders: Option<Py<PyDict>>,
}

impl Fresh {
    pub(super) fn new() -> Self {
        Self { depth: DEPTH.replace(0), open: open_objects::take(), encoders: replace_encoders(None) }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        DEPTH.set(self.depth);
        open_objects::put_back(std::mem::take(&mut self.open));
        replace_encoders(self.encoders.take());
    }
}

/// Values that count their depth from 1, as the elements of an object array do.
pub(super) struct FromOne(usize);

impl FromOne {
    pub(super) fn new() -> Self {
        Self(DEPTH.replace(0))
    }
}

impl Drop for FromOne {
    fn drop(&mut self) {
        DEPTH.set(self.0);
    }
}

/// The encoders that an object brings for the values of its fields, in place of those around it.
pub(super) struct Encoders(Option<Py<PyDict>>);

impl Encoders {
    pub(super) fn new(by_type: Option<Py<PyDict>>) -> Self {
        Self(replace_encoders(by_type))
    }

    /// Returns the encoders that hold here.
    pub(super) fn current<'py>(py: Python<'py>) -> Option<Bound<'py, PyDict>> {
        if !HAS_ENCODERS.get() {
            return None;
        }
        ENCODERS.with_borrow(|encoders| encoders.as_ref().map(|encoders| encoders.bind(py).clone()))
    }
}

impl Drop for Encoders {
    fn drop(&mut self) {
        replace_encoders(self.0.take());
    }
}

/// Returns what was there, for the caller to drop or keep: dropping may run Python code, which may come back here.
fn replace_encoders(encoders: Option<Py<PyDict>>) -> Option<Py<PyDict>> {
    HAS_ENCODERS.set(encoders.is_some());
    ENCODERS.replace(encoders)
}
