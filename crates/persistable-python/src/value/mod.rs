//! Python objects as parameter values.
//!
//! The exact types that every program has are converted here; dataclasses by a conversion that is found once per type; anything
//! else by encoders that are written in Python (`persistable._encoders`), which call back through [`PyValue`].

mod argument;
mod array;
mod atoms;
mod attributes;
mod class;
mod class_snapshot;
mod containers;
mod conversion;
mod convert;
mod failure;
mod fields;
mod guards;
mod layout;
mod methods;
mod names;
mod open_objects;
mod params;
mod places;
mod refusals;
mod rules;
mod scalars;
mod shape;
mod tree_names;

use persistable::{Fields, Key, Value};
use persistable_key::Identity;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

pub(crate) use argument::{any_steps_in, is_step};
pub(crate) use atoms::{is_array_of_objects, is_atom};
pub(crate) use class::PyValue;
pub(crate) use conversion::forget_encoders;
pub(crate) use failure::Problem;
pub(crate) use places::{Places, fields_of_function};
pub(crate) use tree_names::free_names;

/// Returns a step's params as fields.
pub(crate) fn fields_of(params: &Bound<'_, PyAny>) -> Result<Fields, Problem> {
    let fields = {
        let _fresh = guards::Fresh::new();
        params::fields_of(params)
    };
    Ok(fields?)
}

/// Returns the value of an object.
pub(crate) fn value_of(object: &Bound<'_, PyAny>) -> Result<Value, Problem> {
    let value = {
        let _fresh = guards::Fresh::new();
        convert::value_of(object)
    };
    Ok(value?)
}

/// Makes an object of a value, for an encoder to return.
pub(crate) fn object_of(value: Value) -> Result<PyValue, Problem> {
    PyValue::new(value).map_err(Problem::from)
}

/// Returns the value of an object, as the field of a step's params would have it.
#[pyfunction]
pub(crate) fn encode(object: &Bound<'_, PyAny>) -> PyResult<PyValue> {
    Ok(object_of(value_of(object)?)?)
}

/// Returns the canonical bytes of a step, its key and the digest of its params.
///
/// `dependencies` are pairs of a payload name and a key in hex.
#[pyfunction]
#[pyo3(signature = (payload_name, version, params, dependencies))]
pub(crate) fn step_key<'py>(
    payload_name: &str,
    version: Option<&str>,
    params: &Bound<'py, PyAny>,
    dependencies: Vec<(String, String)>,
) -> PyResult<(Bound<'py, PyBytes>, String, String)> {
    let params_fields = fields_of(params)?;
    let dependencies = dependencies.into_iter().map(|(payload_name, key)| {
        let key: Key = key.parse().map_err(|error| PyValueError::new_err(format!("{error}")))?;
        Ok((payload_name, key))
    });
    let dependencies = dependencies.collect::<PyResult<Vec<_>>>()?;
    let identity = Identity { payload_name, version, params: &params_fields, dependencies: &dependencies };
    let canonical = identity.canonical_bytes().map_err(Problem::from)?;
    let key = identity.key().map_err(Problem::from)?;
    let digest = Key::from_bytes(params_fields.digest().map_err(Problem::from)?);
    Ok((PyBytes::new(params.py(), &canonical), key.to_string(), digest.to_string()))
}
