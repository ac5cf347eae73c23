//! Errors of objects, as errors of a store.

use persistable_objects::{Error as ObjectsError, ErrorKind as Kind};

use crate::error::{Error, ErrorKind};
use crate::location::Location;

/// Says what failed in this store. The errors of objects hold no secret.
pub(super) fn of_objects(store: &Location, is_read_only: bool, error: &ObjectsError) -> Error {
    let location = match error.object() {
        Some(object) => store.join(object),
        None => store.clone(),
    };
    told(is_read_only, error).at(location)
}

/// Says why a URL can't be opened. What failed has the same kind as if it fails at the first use.
pub(crate) fn of_opening(error: &ObjectsError) -> Error {
    match error.kind() {
        Kind::Invalid | Kind::Unsupported => {
            advised(Error::new(ErrorKind::InvalidOption, format!("{error:-#}")), error.advice())
        }
        _ => match error.store() {
            Some(store) => of_objects(&Location::Name(store.to_owned()), false, error),
            None => told(false, error),
        },
    }
}

fn told(is_read_only: bool, error: &ObjectsError) -> Error {
    let kind = match error.kind() {
        Kind::Denied | Kind::NoCredentials => ErrorKind::Denied,
        Kind::Unsupported if is_read_only => ErrorKind::Denied,
        Kind::Full => ErrorKind::Full,
        Kind::Interrupted => ErrorKind::Interrupted,
        _ => ErrorKind::Unavailable,
    };
    let message = match error.operation() {
        Some(operation) => format!("could not {operation}: {}", error.what()),
        None => error.what(),
    };
    let told = Error::new(kind, message).retryable(error.is_retryable());
    let again = error.is_retryable().then_some("Try again later");
    advised(told, error.advice().or(again))
}

fn advised(error: Error, advice: Option<&str>) -> Error {
    match advice {
        Some(advice) => error.advise(advice.to_owned()),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_on_opening_has_the_same_kind_as_if_it_fails_on_use() {
        let store = Location::Name("s3://bucket".to_owned());
        for kind in
            [Kind::Denied, Kind::NoCredentials, Kind::NoSuchStore, Kind::Full, Kind::Unavailable, Kind::Interrupted]
        {
            let error = || ObjectsError::new(kind, "it failed").retryable(true);
            let (opening, use_) = (of_opening(&error()), of_objects(&store, false, &error()));
            assert_eq!(opening.kind(), use_.kind(), "{kind:?}");
            assert!(opening.is_retryable(), "{kind:?}");
            assert_eq!(format!("{store}: {opening}"), use_.to_string());
        }
    }

    #[test]
    fn a_wrong_url_or_option_is_a_wrong_call() {
        for kind in [Kind::Invalid, Kind::Unsupported] {
            let wrong = ObjectsError::new(kind, "wrong").caused_by("why").advise("Did you mean \"region\"?");
            let error = of_opening(&wrong);
            assert_eq!(error.kind(), ErrorKind::InvalidOption);
            assert_eq!(error.advice(), Some("Did you mean \"region\"?"));
            assert_eq!(error.to_string(), "wrong: why. Did you mean \"region\"?");
        }
    }
}
