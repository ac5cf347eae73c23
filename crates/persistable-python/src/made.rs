//! What is known of how a payload was made, as a Python step keeps it beside the payload.

use std::sync::Arc;

use persistable::__private::Made;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// What is known of how a payload was made. It goes into the manifest when the payload is persisted.
#[pyclass(frozen, name = "Made", module = "persistable._core")]
pub(crate) struct PyMade(pub(crate) Arc<Made>);

#[pymethods]
impl PyMade {
    /// Reads what `to_json` wrote.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        let made: Made = serde_json::from_str(text).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self(Arc::new(made)))
    }

    /// Returns what is known as JSON text.
    fn to_json(&self) -> PyResult<String> {
        serde_json::to_string(&*self.0).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// How long the generation took, where that is known.
    #[getter]
    fn generation_seconds(&self) -> Option<f64> {
        self.0.generation_seconds
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let class: Bound<'py, PyType> = py.get_type::<Self>();
        Ok((class.getattr("from_json")?, (self.to_json()?,)))
    }
}
