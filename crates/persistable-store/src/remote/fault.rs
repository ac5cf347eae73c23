//! Errors of objects, as errors of a store.

use persistable_objects::ErrorKind as Kind;

use crate::error::{Error, ErrorKind};
use crate::location::Location;

/// Says what failed in this store. The errors of objects hold no secret.
pub(super) fn of_objects(store: &Location, is_read_only: bool, error: &persistable_objects::Error) -> Error {
    let kind = match error.kind() {
        Kind::Denied | Kind::NoCredentials => ErrorKind::Denied,
        Kind::Unsupported if is_read_only => ErrorKind::Denied,
        Kind::Full => ErrorKind::Full,
        Kind::Interrupted => ErrorKind::Interrupted,
        _ => ErrorKind::Unavailable,
    };
    let mut message = match error.operation() {
        Some(operation) => format!("could not {operation}: {}", error.message()),
        None => error.message().to_owned(),
    };
    if error.is_outcome_unknown() {
        message.push_str(". The write may have happened all the same");
    }
    match error.advice() {
        Some(advice) => message.push_str(&format!(". {advice}")),
        None if error.is_retryable() => message.push_str(". Try again later"),
        None => {}
    }
    let location = match error.object() {
        Some(object) => store.join(object),
        None => store.clone(),
    };
    Error::new(kind, message).at(location).retryable(error.is_retryable())
}
