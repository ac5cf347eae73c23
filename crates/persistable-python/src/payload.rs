//! A payload of a Python step, and the step itself, as the core has them.

use pyo3::prelude::*;

/// Any Python object.
pub(crate) struct PyPayload(pub(crate) Py<PyAny>);

/// A Python step. Which one it is, the [call](crate::call) knows that this thread is in.
pub(crate) struct PyStep;
