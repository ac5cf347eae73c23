//! What a step's attributes say about persisting, loading and waiting.

use std::time::Duration;

use persistable::store::Wait;
use persistable::{Durability, Verification};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::buffer::text_of;

/// Refuses what an attribute of this name can't be.
#[pyfunction]
pub(crate) fn check_setting(name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match name {
        "persist_durability" => to_durability(value).map(drop),
        "load_verification" => to_verification(value).map(drop),
        "lease_wait_seconds" => to_wait(value).map(drop),
        _ => Err(PyTypeError::new_err(format!("a step has no setting {name:?}"))),
    }
}

pub(crate) fn to_durability(value: &Bound<'_, PyAny>) -> PyResult<Durability> {
    match text(value).as_deref() {
        Some("synced") => Ok(Durability::Synced),
        Some("fast") => Ok(Durability::Fast),
        _ => Err(refused("persist_durability is \"synced\" or \"fast\"", value)),
    }
}

pub(crate) fn to_verification(value: &Bound<'_, PyAny>) -> PyResult<Verification> {
    match text(value).as_deref() {
        Some("default") => Ok(Verification::Default),
        Some("always") => Ok(Verification::Always),
        Some("once_per_file") => Ok(Verification::OncePerFile),
        Some("never") => Ok(Verification::Never),
        _ => {
            let choices = "load_verification is \"default\", \"always\", \"once_per_file\" or \"never\"";
            Err(refused(choices, value))
        }
    }
}

pub(crate) fn to_wait(value: &Bound<'_, PyAny>) -> PyResult<Wait> {
    if value.is_none() {
        return Ok(Wait::Forever);
    }
    let choices = "lease_wait_seconds is a number of seconds, or None";
    let seconds: f64 = value.extract().map_err(|_| refused(choices, value))?;
    Duration::try_from_secs_f64(seconds)
        .map(Wait::AtMost)
        .map_err(|error| PyValueError::new_err(format!("lease_wait_seconds can't be {seconds}: {error}")))
}

fn text(value: &Bound<'_, PyAny>) -> Option<String> {
    text_of(value.cast::<PyString>().ok()?).ok()
}

fn refused(choices: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let shown = value.repr().map_or_else(|_| "this".to_owned(), |shown| shown.to_string());
    PyValueError::new_err(format!("{choices}, and not {shown}"))
}
