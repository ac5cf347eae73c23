//! Ctrl-C while the core waits.

use std::cell::RefCell;

use pyo3::prelude::*;

use crate::call;

thread_local! {
    /// What a signal handler raised while this thread waited outside of a step's method.
    static SIGNAL: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Lets Ctrl-C end a wait: Python sees a signal only when it is asked.
pub(crate) fn is_interrupted() -> bool {
    if call::has_signal() || SIGNAL.with_borrow(Option::is_some) {
        return true;
    }
    match Python::attach(|py| py.check_signals()) {
        Ok(()) => false,
        Err(error) => {
            note(error);
            true
        }
    }
}

/// Keeps what a signal handler raised, until the operation of this thread ends with it.
pub(crate) fn note(signal: PyErr) {
    if let Some(signal) = call::note_signal(signal) {
        let _before = SIGNAL.replace(Some(signal));
    }
}

/// Runs an operation of the core without the interpreter's lock, outside of a step's method. If it was interrupted, raises what
/// the signal handler raised.
pub(crate) fn during<T: Send>(py: Python<'_>, operation: impl FnOnce() -> T + Send) -> PyResult<T> {
    drop(SIGNAL.take());
    let done = py.detach(operation);
    // Within a step's method, the method ends with it.
    SIGNAL.take().map_or(Ok(done), Err)
}
