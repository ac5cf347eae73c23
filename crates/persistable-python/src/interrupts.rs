//! Exceptions that are not a failure of what was called.

use pyo3::exceptions::{PyException, PyRecursionError};
use pyo3::prelude::*;

/// Whether an exception is not a failure of what was called: an interrupt, or the end of the thread's stack.
pub(crate) fn is_of_the_thread(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyRecursionError>(py)
}
