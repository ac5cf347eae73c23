//! Whether a step's payload may be stale: looking, accepting, explaining.

use persistable::__private::{Made, check_fresh};
use persistable::{CodeChange, Persistable};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::opening::{Asked, Opened};
use crate::payload::PyStep;
use crate::{code, settings};

/// Compares what is persisted with the present code, inputs and dependencies, as a load does: warns, or refuses.
#[pyfunction]
#[pyo3(name = "check_fresh")]
pub(crate) fn check(step: &Bound<'_, PyAny>) -> PyResult<()> {
    Opened::new(step, Asked::default())?.run(check_fresh)
}

/// Whether a step's code may be other than what made its payload. What is accepted is found out by the core.
pub(crate) fn is_of_other_code(step: &Bound<'_, PyAny>, made: &Made) -> PyResult<bool> {
    let Some(stamp) = made.code.as_ref() else { return Ok(false) };
    if !matches!(settings::code_change(step)?, CodeChange::Warn | CodeChange::Refuse) {
        return Ok(false);
    }
    let Some(code) = code::code_of(step)? else { return Ok(false) };
    let (tag, digest) = code.quick(&stamp.state)?;
    let mut stamps = std::iter::once(stamp).chain(&stamp.accepted);
    Ok(!stamps.any(|stamp| stamp.digests.get(tag) == Some(&digest)))
}

/// Says that the present code, dependencies or inputs make the payload that is persisted.
#[pyfunction]
pub(crate) fn accept(step: &Bound<'_, PyAny>, what: &str) -> PyResult<()> {
    let accept: fn(&Persistable<PyStep>) -> persistable::Result<()> = match what {
        "code" => Persistable::accept_code,
        "dependencies" => Persistable::accept_dependencies,
        "inputs" => Persistable::accept_inputs,
        other => {
            let message = format!("code, dependencies or inputs are accepted, and not {other:?}");
            return Err(PyValueError::new_err(message));
        }
    };
    Opened::new(step, Asked::default())?.run(accept)
}

/// Headings, each with its lines.
type Sections = Vec<(String, Vec<String>)>;

/// Explains a step; returns how it is shown, and headings with their lines.
#[pyfunction]
pub(crate) fn explain(step: &Bound<'_, PyAny>) -> PyResult<(String, Sections)> {
    let opened = Opened::new(step, Asked::default())?;
    let explanation = opened.run(Persistable::explain)?;
    Ok((explanation.step, explanation.sections))
}
