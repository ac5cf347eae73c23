//! The one error type of this crate.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use persistable_base::telling::{causes, tell};
use persistable_store::Error as StoreError;

/// The result of a catalogue's operation.
pub type Result<T> = std::result::Result<T, Error>;

/// The kind of an error: what a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A filter can't be understood. The message points at the place.
    Filter,
    /// There is no such artifact, step or param.
    NotFound,
    /// Several artifacts match. Write more of the key.
    Ambiguous,
    /// The artifact is in use. Try again later.
    Busy,
    /// The store failed; see the source.
    Store,
    /// A file for an exchange can't be read or written.
    File,
    /// The index can't be used: its folder can't be written to, or another process works on it for too long.
    Index,
    /// The index is damaged. The catalogue rebuilds it, so callers don't meet this kind.
    DamagedIndex,
}

/// An error: what failed, where, and what to do next.
///
/// `{}` shows this layer and the advice. `{:#}` shows the causes too.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    what: What,
}

#[derive(Debug)]
enum What {
    /// It failed here.
    Here { message: String, advice: Option<Cow<'static, str>>, source: Option<Box<dyn StdError + Send + Sync>> },
    /// The store failed, and says all there is to say.
    Store(StoreError),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, what: What::Here { message: message.into(), advice: None, source: None } }))
    }

    /// Says why it failed. The message does not repeat it.
    pub(crate) fn caused_by(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        if let What::Here { source, .. } = &mut self.0.what {
            *source = Some(cause.into());
        }
        self
    }

    /// Says what to do.
    pub(crate) fn advise(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        if let What::Here { advice, .. } = &mut self.0.what {
            *advice = Some(text.into());
        }
        self
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the error of the store, if the store failed.
    #[doc(hidden)]
    #[must_use]
    pub fn of_store(&self) -> Option<&StoreError> {
        match &self.0.what {
            What::Store(error) => Some(error),
            What::Here { .. } => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.what {
            What::Here { message, advice, .. } => {
                tell(f, format_args!("{message}"), causes(self.source()), advice.as_deref(), |_| None)
            }
            What::Store(error) => error.fmt(f),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.what {
            What::Here { source, .. } => source.as_deref().map(|source| source as _),
            What::Store(error) => error.source(),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let kind = match error.kind() {
            persistable_store::ErrorKind::Busy => ErrorKind::Busy,
            _ => ErrorKind::Store,
        };
        Self(Box::new(Inner { kind, what: What::Store(error) }))
    }
}

impl From<persistable_key::ParamError> for Error {
    fn from(error: persistable_key::ParamError) -> Self {
        Self::new(ErrorKind::NotFound, "the params can't be read").caused_by(error)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{
            FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, QueryReturnedNoRows,
        };
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, NotADatabase};
        let is_damaged = matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
            || matches!(
                error,
                FromSqlConversionFailure(..)
                    | IntegralValueOutOfRange(..)
                    | InvalidColumnType(..)
                    | QueryReturnedNoRows
            )
            || error.to_string().contains("no such table");
        if is_damaged {
            return Self::new(ErrorKind::DamagedIndex, "the index is damaged").caused_by(error);
        }
        match error.sqlite_error_code() {
            Some(DatabaseBusy) => {
                Self::new(ErrorKind::Index, "another process is updating the index for long").advise("Try again later")
            }
            _ => {
                Self::new(ErrorKind::Index, "the index failed").advise("Set another folder for it, or remove its file")
            }
        }
        .caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_says_is_said_once() {
        let denied = StoreError::new(persistable_store::ErrorKind::Denied, "could not list").caused_by("no permission");
        let error = Error::from(denied.advise("Ask its owner"));
        assert_eq!(error.to_string(), "could not list. Ask its owner");
        assert_eq!(format!("{error:#}"), "could not list: no permission. Ask its owner");
    }
}
