//! Methods that leave no line of their own in a traceback.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::once::{ImportedClass, intern};

/// A method whose errors show the user's call, and after that the user's code: a frame of Rust is in no traceback.
#[pyclass(frozen, dict, module = "persistable._core")]
pub(crate) struct Frameless {
    function: Py<PyAny>,
}

#[pymethods]
impl Frameless {
    #[new]
    fn new(function: Py<PyAny>) -> Self {
        Self { function }
    }

    fn __get__<'py>(
        slf: Bound<'py, Self>,
        object: Option<Bound<'py, PyAny>>,
        _owner: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        static METHOD: ImportedClass = ImportedClass::new("types", "MethodType");
        let Some(object) = object else { return Ok(slf.into_any()) };
        METHOD.get(object.py())?.call1((slf, &object))
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.function.bind(py).call(args, kwargs).map_err(|error| without_our_frames(py, error))
    }
}

fn without_our_frames(py: Python<'_>, error: PyErr) -> PyErr {
    let value = error.value(py);
    let hide = py.import(intern!(py, "persistable._tracebacks"));
    match hide.and_then(|module| module.call_method1(intern!(py, "hide_our_frames"), (value,))) {
        // Made anew: an error of PyO3's keeps the traceback that it had.
        Ok(_) => PyErr::from_value(value.clone().into_any()),
        Err(_) => error,
    }
}
