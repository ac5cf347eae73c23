//! Payloads that are handed to a generation, which may change them in place.

use std::sync::atomic::{AtomicBool, Ordering};

use persistable::store::fork::Once;
use pyo3::prelude::*;

/// Whether something was generated in this process. Before that there is nothing to note.
static HAS_BEGUN: AtomicBool = AtomicBool::new(false);

/// Notes that a generation begins.
pub(crate) fn begin() {
    HAS_BEGUN.store(true, Ordering::Relaxed);
}

/// Notes what a payload is like that is handed to the step being generated on this thread, if there is one.
pub(crate) fn note_use(step: &Bound<'_, PyAny>, payload: &Bound<'_, PyAny>) -> PyResult<()> {
    static NOTE_USE: Once<Py<PyAny>> = Once::new();
    if !HAS_BEGUN.load(Ordering::Relaxed) {
        return Ok(());
    }
    let py = step.py();
    let import = || Ok::<_, PyErr>(py.import("persistable._checks.in_place")?.getattr("note_use")?.unbind());
    NOTE_USE.get_or_try_make(import)?.bind(py).call1((step, payload)).map(drop)
}
