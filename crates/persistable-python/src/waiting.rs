//! Ctrl-C while the core waits.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;

use crate::call;

/// Whether a signal ended an operation that the main thread still waits for. Python handles signals only there, and the threads
/// that work for the operation ask as well.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this thread waits for an operation that it began itself.
    static IS_ASKING: Cell<bool> = const { Cell::new(false) };
    /// What a signal handler raised while this thread waited outside of a step's method.
    static SIGNAL: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Lets Ctrl-C end a wait: Python sees a signal only when it is asked.
pub(crate) fn is_interrupted() -> bool {
    if call::has_signal() || SIGNAL.with_borrow(Option::is_some) {
        return true;
    }
    if !IS_ASKING.get() && !call::is_in_call() && IS_ENDING.load(Ordering::Relaxed) {
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
        IS_ENDING.store(IS_ASKING.get(), Ordering::Relaxed);
    }
}

/// Runs an operation of the core without the interpreter's lock, outside of a step's method. If it was interrupted, raises what
/// the signal handler raised.
pub(crate) fn during<T: Send>(py: Python<'_>, operation: impl FnOnce() -> T + Send) -> PyResult<T> {
    drop(SIGNAL.take());
    let was_asking = IS_ASKING.replace(true);
    let done = py.detach(operation);
    IS_ASKING.set(was_asking);
    // Within a step's method, the method ends with it.
    let Some(signal) = SIGNAL.take() else { return Ok(done) };
    IS_ENDING.store(false, Ordering::Relaxed);
    Err(signal)
}
