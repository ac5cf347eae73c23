//! What steps do about payloads that may be stale, where neither the step nor its class says it.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use persistable::{CodeChange, Policy};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::buffer::text_of;
use crate::once::intern;

/// The settings that the core acts on, in the order of their defaults below.
const NAMES: [&str; 4] = ["code_change", "input_change", "dependency_change", "undeclared"];
/// What each may be, by number. The first is the default of all; not every setting takes every word.
const WORDS: [&str; 4] = ["warn", "refuse", "ignore", "key"];

static DEFAULTS: [AtomicU8; 4] = [const { AtomicU8::new(0) }; 4];

/// Sets what a setting is for steps that do not say.
#[pyfunction]
pub(crate) fn set_default(name: &str, value: &str) -> PyResult<()> {
    let Some(default) = NAMES.iter().position(|known| *known == name).and_then(|index| DEFAULTS.get(index)) else {
        return Err(PyTypeError::new_err(format!("the core has no setting {name:?}")));
    };
    default.store(number_of(name, value)?, Ordering::Relaxed);
    Ok(())
}

/// After how many milliseconds people are told of a wait.
static WAIT_NOTICE: AtomicU64 = AtomicU64::new(5_000);

/// Sets after how many seconds people are told of a wait, for tests. Returns what it was before.
#[pyfunction]
pub(crate) fn set_wait_notice(seconds: f64) -> f64 {
    let before = WAIT_NOTICE.swap((seconds * 1e3) as u64, Ordering::Relaxed);
    before as f64 / 1e3
}

/// Returns after how long people are told of a wait.
pub(crate) fn wait_notice() -> Duration {
    Duration::from_millis(WAIT_NOTICE.load(Ordering::Relaxed))
}

fn number_of(name: &str, value: &str) -> PyResult<u8> {
    let number = WORDS.iter().position(|word| *word == value).filter(|number| *number < 3 || name == "code_change");
    number.and_then(|number| u8::try_from(number).ok()).ok_or_else(|| {
        let words = if name == "code_change" { "warn, refuse, key or ignore" } else { "warn, refuse or ignore" };
        PyValueError::new_err(format!("{name} is {words}, and not {value:?}"))
    })
}

fn setting(step: &Bound<'_, PyAny>, index: usize, attribute: &Bound<'_, PyString>) -> PyResult<u8> {
    let own = step.getattr(attribute)?;
    if own.is_none() {
        return Ok(DEFAULTS.get(index).map_or(0, |default| default.load(Ordering::Relaxed)));
    }
    let name = NAMES.get(index).unwrap_or(&"a setting");
    match own.cast::<PyString>() {
        Ok(text) => number_of(name, &text_of(text)?),
        Err(_) => Err(PyTypeError::new_err(format!("{name} is a str, and not {}", own.repr()?))),
    }
}

/// Returns what a step does about code that changed.
pub(crate) fn code_change(step: &Bound<'_, PyAny>) -> PyResult<CodeChange> {
    Ok(match setting(step, 0, intern!(step.py(), "code_change"))? {
        1 => CodeChange::Refuse,
        2 => CodeChange::Ignore,
        3 => CodeChange::Key,
        _ => CodeChange::Warn,
    })
}

fn policy(step: &Bound<'_, PyAny>, index: usize, attribute: &Bound<'_, PyString>) -> PyResult<Policy> {
    Ok(match setting(step, index, attribute)? {
        1 => Policy::Refuse,
        2 => Policy::Ignore,
        _ => Policy::Warn,
    })
}

/// Returns what a step does about input files that changed.
pub(crate) fn input_change(step: &Bound<'_, PyAny>) -> PyResult<Policy> {
    policy(step, 1, intern!(step.py(), "input_change"))
}

/// Returns what a step does about dependencies that changed.
pub(crate) fn dependency_change(step: &Bound<'_, PyAny>) -> PyResult<Policy> {
    policy(step, 2, intern!(step.py(), "dependency_change"))
}

/// Returns what a step does about payloads of steps that are not among its dependencies.
pub(crate) fn undeclared(step: &Bound<'_, PyAny>) -> PyResult<Policy> {
    policy(step, 3, intern!(step.py(), "undeclared"))
}
