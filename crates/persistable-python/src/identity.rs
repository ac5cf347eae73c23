//! What identifies a Python step, and what is persisted of it.

use persistable::Persistable;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::opening::{Asked, Opened};
use crate::tree;

/// Returns the 32 bytes that seed a random generator of the step.
#[pyfunction]
pub(crate) fn seed(step: &Bound<'_, PyAny>) -> PyResult<[u8; 32]> {
    Ok(tree::of(step)?.key().seed())
}

/// Returns the step's key in hex, whole.
#[pyfunction]
pub(crate) fn full_key(step: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(tree::of(step)?.key().to_string())
}

/// Returns the first half of the step's key in hex, as file names have it.
#[pyfunction]
pub(crate) fn persist_hash(step: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(tree::of(step)?.key().short())
}

/// Returns the manifest of the step's artifact as JSON text; `None` where there is no artifact.
#[pyfunction]
pub(crate) fn manifest(step: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let opened = Opened::new(step, Asked::default())?;
    let found = opened.run(Persistable::manifest)?;
    let text = found.map(|manifest| serde_json::to_string(&manifest)).transpose();
    text.map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Returns whether the step's artifact is persisted, as far as its manifest tells.
#[pyfunction]
pub(crate) fn is_persisted(step: &Bound<'_, PyAny>) -> PyResult<bool> {
    Opened::new(step, Asked::default())?.run(Persistable::is_persisted)
}

/// Returns a class name in snake case, as payload names are by default.
#[pyfunction]
pub(crate) fn snake_case(name: &str) -> String {
    heck::ToSnakeCase::to_snake_case(name)
}
