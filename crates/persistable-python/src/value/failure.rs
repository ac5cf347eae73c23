//! Why an object is no parameter value, and where it stands.

use std::borrow::Cow;
use std::fmt::Display;

use persistable::{ParamError, Value};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use super::{names, open_objects};
use crate::once::{ImportedClass, intern};

/// Why an object is no parameter value.
#[derive(Debug)]
pub(crate) enum Problem {
    /// It has no canonical form.
    Param(ParamError),
    /// Code of the user's, asked for its value, raised this.
    Python(PyErr),
}

impl From<ParamError> for Problem {
    fn from(error: ParamError) -> Self {
        Self::Param(error)
    }
}

impl From<PyErr> for Problem {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => Self::Param(error),
            Failure::Raised(raised) => Self::Python(raised.with_path()),
            Failure::Excluded(_) => Self::Param(misplaced_exclusion()),
        }
    }
}

impl From<Problem> for PyErr {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Param(error) => Python::attach(|py| unsupported(py, &error)),
            Problem::Python(error) => error,
        }
    }
}

/// The same while it travels up, and gathers the path.
#[derive(Debug)]
pub(super) enum Failure {
    Refused(ParamError),
    Raised(Box<Raised>),
    /// No failure where the object is the value of a field, which then is not in the key.
    Excluded(Box<Option<Value>>),
}

/// An exception that passes through. Only the path of `at` counts.
#[derive(Debug)]
pub(super) struct Raised {
    error: PyErr,
    at: ParamError,
}

impl Failure {
    pub(super) fn in_field(self, name: &str) -> Self {
        self.moved_up(|error| error.in_field(name))
    }

    pub(super) fn at_index(self, index: usize) -> Self {
        self.moved_up(|error| error.at_index(index))
    }

    pub(super) fn at_key(self, key: impl Display) -> Self {
        self.moved_up(|error| error.at_key(key))
    }

    /// Tells whether it would be wrong to go on without the value: when the program is being ended.
    pub(super) fn is_fatal(&self) -> bool {
        match self {
            Self::Raised(raised) => Python::attach(|py| !raised.error.is_instance_of::<PyException>(py)),
            Self::Refused(_) | Self::Excluded(_) => false,
        }
    }

    fn moved_up(self, with_step: impl FnOnce(ParamError) -> ParamError) -> Self {
        match self {
            Self::Refused(error) => Self::Refused(with_step(error)),
            Self::Raised(raised) => Self::Raised(Box::new(Raised { error: raised.error, at: with_step(raised.at) })),
            Self::Excluded(_) => Self::Refused(with_step(misplaced_exclusion())),
        }
    }
}

impl Raised {
    /// Writes the path down: for people, or where there is more of it to come, for whoever takes the exception up again.
    ///
    /// Where that is not possible (before Python 3.11 there are no notes) the exception itself is what matters.
    fn with_path(self) -> PyErr {
        let path = self.at.path();
        if !path.is_empty() {
            Python::attach(|py| {
                let exception = self.error.value(py);
                let _ = if open_objects::is_any() {
                    exception.setattr(intern!(py, PATH), path)
                } else {
                    let note = format!("while converting parameter `{path}`");
                    exception.call_method1(intern!(py, "add_note"), (note,)).map(drop)
                };
            });
        }
        self.error
    }

    fn of(py: Python<'_>, error: PyErr) -> Self {
        let at = ParamError::new("", "", "");
        let exception = error.value(py);
        let path = exception.getattr(intern!(py, PATH)).and_then(|path| path.extract::<String>());
        let at = match path {
            Ok(path) => {
                let _ = exception.delattr(intern!(py, PATH));
                at.in_field(&path)
            }
            Err(_) => at,
        };
        Self { error, at }
    }
}

/// The attribute under which an exception that passes through an encoder keeps the path inside of what that encodes.
const PATH: &str = "_persistable_path";

impl From<ParamError> for Failure {
    fn from(error: ParamError) -> Self {
        Self::Refused(error)
    }
}

/// What was refused further down, and came up through an encoder written in Python, is refused here.
impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Python::attach(|py| match refusal_in(py, &error) {
            Some(refusal) => Self::Refused(refusal),
            None => Self::Raised(Box::new(Raised::of(py, error))),
        })
    }
}

fn misplaced_exclusion() -> ParamError {
    ParamError::new(
        "PersistableParam",
        "is excluded from the key, but is no field that could be left out",
        "exclude the whole field, or leave the value out of the container",
    )
}

/// Refuses an object, by the name of its type.
pub(super) fn refused(
    object: &Bound<'_, PyAny>,
    problem: impl Into<Cow<'static, str>>,
    advice: impl Into<Cow<'static, str>>,
) -> Failure {
    Failure::Refused(ParamError::new(names::shown(&object.get_type()), problem, advice))
}

fn unsupported(py: Python<'_>, error: &ParamError) -> PyErr {
    match exception(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

fn exception<'py>(py: Python<'py>, error: &ParamError) -> PyResult<Bound<'py, PyAny>> {
    let exception = exception_type(py)?.call1((error.to_string(),))?;
    exception.setattr(intern!(py, "parameter"), error.path())?;
    exception.setattr(intern!(py, "parameter_type"), error.type_name())?;
    exception.setattr(intern!(py, "problem"), error.problem())?;
    exception.setattr(intern!(py, "advice"), error.advice())?;
    Ok(exception)
}

/// Reads what [`exception`] wrote, or what an encoder of the package raised.
fn refusal_in(py: Python<'_>, error: &PyErr) -> Option<ParamError> {
    static REFUSAL: ImportedClass = ImportedClass::new("persistable._encoders.refusal", "Refusal");
    let exception = error.value(py);
    let text = |name: &Bound<'_, PyString>| exception.getattr(name).ok()?.extract::<String>().ok();
    if let Ok(refusal) = REFUSAL.get(py)
        && exception.is_instance(refusal).ok()?
    {
        let type_name = text(intern!(py, "type_name"))?;
        let advice = text(intern!(py, "advice")).unwrap_or_else(|| names::registration(&type_name));
        return Some(ParamError::new(type_name, text(intern!(py, "problem"))?, advice));
    }
    if !exception.is_instance(exception_type(py).ok()?).ok()? {
        return None;
    }
    let refusal = ParamError::new(
        text(intern!(py, "parameter_type"))?,
        text(intern!(py, "problem"))?,
        text(intern!(py, "advice"))?,
    );
    let path = text(intern!(py, "parameter"))?;
    Some(if path.is_empty() { refusal } else { refusal.in_field(&path) })
}

fn exception_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static TYPE: ImportedClass = ImportedClass::new("persistable.exceptions", "UnsupportedParameterError");
    TYPE.get(py)
}
