//! Objects that have no parts.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyComplex, PyFloat, PyInt, PyString};

use super::names::loaded;
use crate::once::intern;

/// Whether an object is of one of the commonest types without parts.
pub(crate) fn is_atom(object: &Bound<'_, PyAny>) -> bool {
    object.is_none()
        || object.is_exact_instance_of::<PyString>()
        || object.is_exact_instance_of::<PyInt>()
        || object.is_exact_instance_of::<PyFloat>()
        || object.is_exact_instance_of::<PyBool>()
        || object.is_exact_instance_of::<PyBytes>()
        || object.is_exact_instance_of::<PyComplex>()
}

/// Whether an array has elements that are objects; `None` if it is something else than an array of NumPy's own type.
pub(crate) fn is_array_of_objects(object: &Bound<'_, PyAny>) -> Option<bool> {
    let py = object.py();
    if !loaded(py, "numpy", "ndarray").is_some_and(|array| array.is(object.get_type())) {
        return None;
    }
    object.getattr(intern!(py, "dtype")).ok()?.getattr(intern!(py, "hasobject")).ok()?.extract().ok()
}
