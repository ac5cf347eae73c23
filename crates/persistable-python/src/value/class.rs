//! Values as Python holds them.

use persistable::Value;
use pyo3::prelude::*;

use super::failure::{Failure, Problem};

/// How deep values nest at most, by the specification.
pub(super) const MAX_DEPTH: usize = 128;

/// A parameter's value, in its canonical form.
///
/// Encoders return one where the object has a form that no plain Python object has. Two values are equal where their
/// canonical bytes are.
#[pyclass(frozen, name = "Value", module = "persistable._core")]
pub(crate) struct PyValue(Value);

impl PyValue {
    /// Makes it of a value that nests no deeper than values may: something will have to walk and drop it.
    pub(super) fn new(value: Value) -> Result<Self, Failure> {
        if value.nests_deeper_than(MAX_DEPTH) {
            // The bytes are made only of what is refused, for the path in the error.
            value.canonical_bytes()?;
        }
        Ok(Self(value))
    }

    /// Makes it of a value that holds no other.
    pub(super) fn scalar(value: Value) -> Self {
        Self(value)
    }

    pub(super) fn value(&self) -> &Value {
        &self.0
    }

    pub(super) fn bytes(&self) -> PyResult<Vec<u8>> {
        self.0.canonical_bytes().map_err(raised)
    }
}

pub(super) fn raised<E: Into<Failure>>(error: E) -> PyErr {
    Problem::from(error.into()).into()
}
