//! Methods that leave no line of their own in a traceback.

use pyo3::exceptions::PyRecursionError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::once::{ImportedClass, intern};
use crate::operations::payload;
use crate::{call, in_place};

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
        let function = self.function.bind(py);
        function.call(args, kwargs).or_else(|error| anew_or_frameless(py, error, || Ok(function.clone()), args, kwargs))
    }
}

/// Returns the payload, as the property has it: without a frame of Python's, which costs time and would be in tracebacks.
#[pyfunction]
pub(crate) fn get_payload<'py>(step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    noted_payload(step).or_else(|error| {
        let py = step.py();
        let function = || py.import(intern!(py, "persistable._core"))?.getattr(intern!(py, "noted_payload"));
        anew_or_frameless(py, error, function, &PyTuple::new(py, [step])?, None)
    })
}

/// Returns the payload. A generation that gets it is checked for changing it.
#[pyfunction]
pub(crate) fn noted_payload<'py>(step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let payload = payload(step)?.into_pyobject(step.py())?;
    in_place::note_use(step, &payload)?;
    Ok(payload)
}

/// Calls a method again that came to the end of the stack. Any other error is raised without our frames.
#[cold]
fn anew_or_frameless<'py>(
    py: Python<'py>,
    error: PyErr,
    function: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    // Inside of a generation the outermost call is to begin anew.
    let is_too_deep = error.is_instance_of::<PyRecursionError>(py) && call::current().is_none();
    let called = if is_too_deep { call_in_parts(&function()?, args, kwargs, &error) } else { Err(error) };
    called.map_err(|error| without_our_frames(py, error))
}

/// Calls a method again that came to the end of the stack in a chain of steps, from further down.
fn call_in_parts<'py>(
    function: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
    error: &PyErr,
) -> PyResult<Bound<'py, PyAny>> {
    let py = function.py();
    let kwargs = kwargs.map_or_else(|| PyDict::new(py), Bound::clone);
    let deep = py.import(intern!(py, "persistable._deep"))?;
    deep.call_method1(intern!(py, "call_in_parts"), (function, args, kwargs, error.value(py)))
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
