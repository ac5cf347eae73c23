//! The record of a Python step's code: made once for a definition, and checked on each hit.
//!
//! The walk through the code is written in Python (`persistable._code`). What runs on each hit is here.

mod roots;
mod snapshot;
mod step_code;

use std::collections::BTreeMap;
use std::sync::Arc;

use persistable::store::Digest;
use persistable::store::fork::Table;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

pub(crate) use step_code::{PyStepCode, StepCode};

use roots::{Roots, roots_of};
use snapshot::Verdict;

use crate::interrupts::is_of_the_thread;
use crate::once::intern;

/// A record, and the objects that it was made from, which are kept alive: it is found by their addresses.
struct RecordedCode {
    code: Arc<StepCode>,
    _roots: Vec<Py<PyAny>>,
}

/// The records by the addresses of the definition and of what the params consist of. The lock is never held while Python
/// code runs.
static RECORDED: Table<BTreeMap<Vec<usize>, RecordedCode>> = Table::new(BTreeMap::new());

/// A program that makes definitions without end must not keep them all.
const MOST_RECORDED: usize = 1024;

/// Returns the record of a step's code as it is now.
///
/// The definition is the step's class, or what the decorator `step` made. A record that can't be made is empty, and says
/// why; it never fails a step. `None` is returned where not even that is possible.
pub(crate) fn code_of(step: &Bound<'_, PyAny>) -> PyResult<Option<Arc<StepCode>>> {
    match present_code(step) {
        Ok(code) => Ok(Some(code)),
        // An interrupt is the user's. All else must not fail a step that needs no record.
        Err(error) if !is_of_the_thread(step.py(), &error) => {
            tracing::debug!(%error, "the code of a step could not be looked at");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Returns the digest of a step's code, for its key.
///
/// Raises `UnsupportedParameterError` where the record does not tell all.
pub(crate) fn key_digest_of(step: &Bound<'_, PyAny>) -> PyResult<Digest> {
    present_code(step)?.key_digest(step.py())
}

fn present_code(step: &Bound<'_, PyAny>) -> PyResult<Arc<StepCode>> {
    let py = step.py();
    let roots = roots_of(step)?;
    let address: Vec<usize> =
        std::iter::once(&roots.definition).chain(&roots.params).map(|root| root.as_ptr() as usize).collect();
    let known = RECORDED.lock().get(&address).map(|known| Arc::clone(&known.code));
    let code = match known {
        Some(known) => match known.check(py) {
            Verdict::Same => return Ok(known),
            Verdict::OtherValues => known.refreshed(py)?,
            Verdict::OtherCode => None,
        },
        None => None,
    };
    let code = Arc::new(match code {
        Some(code) => code,
        None => walk(&roots)?,
    });
    let kept = std::iter::once(roots.definition).chain(roots.params).map(Bound::unbind).collect();
    let mut table = RECORDED.lock();
    let is_full = table.len() >= MOST_RECORDED;
    let dropped = if is_full { std::mem::take(&mut *table) } else { BTreeMap::new() };
    let earlier = table.insert(address, RecordedCode { code: Arc::clone(&code), _roots: kept });
    drop(table); // Dropping an object may run Python code, which may come back here.
    drop((dropped, earlier));
    Ok(code)
}

fn walk(roots: &Roots<'_>) -> PyResult<StepCode> {
    let py = roots.definition.py();
    let walk = py.import(intern!(py, "persistable._code"))?.getattr(intern!(py, "record_of"))?;
    StepCode::of(walk.call1((&roots.definition, PyTuple::new(py, &roots.params)?))?)
}

/// Returns the record of a step's code as it is now; `None` where there can't be any.
#[pyfunction]
#[pyo3(name = "code_of")]
pub(crate) fn py_code_of(step: &Bound<'_, PyAny>) -> PyResult<Option<PyStepCode>> {
    Ok(code_of(step)?.map(PyStepCode))
}
