//! Errors of the core as Python exceptions.

use std::io::Error as IoError;

use persistable::__private::kind_of_store;
use persistable::store::ErrorKind as StoreErrorKind;
use persistable::{Error, ErrorKind};
use pyo3::exceptions::{PyImportError, PyMemoryError, PyOSError, PyWarning};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::interrupts::is_of_the_thread;
use crate::once::intern;
use crate::value::Problem;

/// Returns the exception class of a kind.
fn class_of<'py>(py: Python<'py>, kind: ErrorKind) -> PyResult<Bound<'py, PyAny>> {
    py.import(intern!(py, "persistable.exceptions"))?.call_method1(intern!(py, "error_of_kind"), (kind.as_str(),))
}

/// Makes an exception that has no error of the core behind it.
pub(crate) fn exception(py: Python<'_>, kind: ErrorKind, message: &str) -> PyErr {
    match class_of(py, kind).and_then(|class| class.call1((message,))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// Says which step has the params that a problem is in.
pub(crate) fn of_params(py: Python<'_>, payload_name: &str, problem: Problem) -> PyErr {
    let is_refusal = matches!(problem, Problem::Param(_));
    let raised = PyErr::from(problem);
    if !is_refusal {
        return raised;
    }
    let message = format!("{payload_name}: {}", raised.value(py));
    // An exception that does not name its step is still the right one.
    let _ = raised.value(py).setattr(intern!(py, "step"), payload_name);
    with_message(py, raised, &message)
}

/// Turns an error of the core into what Python code raises.
///
/// An exception of the user's own code (a generator, a validator, a hook) goes through as it is. One of a payload IO is the
/// cause of the exception that says what was being done.
pub(crate) fn of_core(py: Python<'_>, error: Error) -> PyErr {
    described(py, error, |told, cause| (told, cause))
}

/// Turns an error of saving a payload into an exception, whose cause is what the payload IO raised. `what` says what was being saved.
pub(crate) fn of_saving(py: Python<'_>, error: Error, what: &str) -> PyErr {
    described(py, error, |told, cause| {
        // `FileIO.save` has said the same of the path in staging.
        let is_of_save =
            |cause: &PyErr| class_of(py, ErrorKind::Encoding).is_ok_and(|class| cause.is_instance(py, &class));
        let below = cause.as_ref().filter(|cause| is_of_save(cause)).and_then(|cause| cause.cause(py));
        let cause = below.or(cause);
        let why = cause.as_ref().map_or(told, ToString::to_string);
        (format!("{what}: {why}"), cause)
    })
}

fn with_message(py: Python<'_>, raised: PyErr, message: &str) -> PyErr {
    // An exception that keeps its old message is still the right one.
    let _ = raised.value(py).setattr(intern!(py, "args"), (message,));
    raised
}

/// Makes an exception of an error, unless its cause is one that goes through. `tell` gets what the error says and its cause, and
/// returns what the exception says and its cause.
fn described(
    py: Python<'_>,
    error: Error,
    tell: impl FnOnce(String, Option<PyErr>) -> (String, Option<PyErr>),
) -> PyErr {
    let told = message_of(&error);
    let kind = error.kind();
    let (step, operation, retryable) = (error.step().to_owned(), error.operation(), error.is_retryable());
    let key = error.key().map(|key| key.to_string());
    let cause = match error.into_source().map(|source| source.downcast::<PyErr>()) {
        Ok(Ok(cause)) if goes_through(py, kind, &cause) => return *cause,
        Ok(Ok(cause)) => Some(*cause),
        _ => None,
    };
    let kind = match &cause {
        Some(cause) if kind == ErrorKind::Encoding => kind_of_system(py, cause).unwrap_or(kind),
        _ => kind,
    };
    let (message, cause) = tell(told, cause);
    let raise = || -> PyResult<PyErr> {
        let advice = if kind == ErrorKind::Undeclared { UNDECLARED_ADVICE } else { "" };
        let exception = class_of(py, kind)?.call1((message + advice,))?;
        exception.setattr(intern!(py, "step"), step)?;
        exception.setattr(intern!(py, "operation"), operation)?;
        exception.setattr(intern!(py, "key"), key)?;
        exception.setattr(intern!(py, "is_retryable"), retryable)?;
        Ok(PyErr::from_value(exception))
    };
    let raised = raise().unwrap_or_else(|error| error);
    if cause.is_some() {
        raised.set_cause(py, cause);
    }
    raised
}

/// How to declare a dependency in Python, as the core advises.
pub(crate) const UNDECLARED_ADVICE: &str =
    ": make it an argument of the function, or pass it in tracked_persistable_dependencies";

/// Returns the kind of what the system refused to a payload IO, such as room on the disk.
fn kind_of_system(py: Python<'_>, error: &PyErr) -> Option<ErrorKind> {
    let errors = std::iter::successors(Some(error.clone_ref(py)), |error| error.cause(py));
    let number = errors
        .filter(|error| error.is_instance_of::<PyOSError>(py))
        .find_map(|error| error.value(py).getattr(intern!(py, "errno")).and_then(|number| number.extract()).ok());
    ErrorKind::of_io(&IoError::from_raw_os_error(number?))
}

fn goes_through(py: Python<'_>, kind: ErrorKind, cause: &PyErr) -> bool {
    matches!(kind, ErrorKind::Generation | ErrorKind::InvalidPayload)
        || cause.is_instance_of::<PyWarning>(py) // A filter made an exception of it.
        || is_of_the_thread(py, cause)
        || cause.is_instance_of::<PyImportError>(py)
        || cause.is_instance_of::<PyMemoryError>(py)
}

/// Returns the message with those of the causes that Python would not show.
fn message_of(error: &Error) -> String {
    error.explained_before(|cause| cause.is::<PyErr>())
}

/// Returns the name of an object's class, for messages.
pub(crate) fn type_name(class: &Bound<'_, PyType>) -> String {
    class.qualname().map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

/// Turns an error of a store, outside of a step's method, into an exception.
pub(crate) fn of_store(py: Python<'_>, error: &persistable::store::Error) -> PyErr {
    of_store_saying(py, error, &format!("{error:#}"))
}

/// Turns an error of a store into an exception with this message.
pub(crate) fn of_store_saying(py: Python<'_>, error: &persistable::store::Error, message: &str) -> PyErr {
    let kind = match error.kind() {
        StoreErrorKind::InvalidOption => "invalid_option",
        kind => kind_of_store(kind).as_str(),
    };
    let raise = || -> PyResult<PyErr> {
        let exceptions = py.import(intern!(py, "persistable.exceptions"))?;
        let exception = exceptions.call_method1(intern!(py, "error_of_kind"), (kind,))?.call1((message,))?;
        exception.setattr(intern!(py, "is_retryable"), error.is_retryable())?;
        Ok(PyErr::from_value(exception))
    };
    raise().unwrap_or_else(|error| error)
}
