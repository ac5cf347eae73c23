//! The one error type of this crate.

use std::error::Error as StdError;
use std::fmt;

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
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), source: None }))
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<persistable_store::Error> for Error {
    fn from(error: persistable_store::Error) -> Self {
        let kind = match error.kind() {
            persistable_store::ErrorKind::Busy => ErrorKind::Busy,
            _ => ErrorKind::Store,
        };
        Self::new(kind, error.to_string()).caused_by(error)
    }
}

impl From<persistable_key::ParamError> for Error {
    fn from(error: persistable_key::ParamError) -> Self {
        Self::new(ErrorKind::NotFound, format!("the params can't be read: {error}")).caused_by(error)
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
            return Self::new(ErrorKind::DamagedIndex, format!("the index is damaged: {error}")).caused_by(error);
        }
        let message = match error.sqlite_error_code() {
            Some(DatabaseBusy) => "another process is updating the index for long. Try again later".to_owned(),
            _ => format!("the index failed: {error}. Set another folder for it, or remove its file"),
        };
        Self::new(ErrorKind::Index, message).caused_by(error)
    }
}

/// Says an error and its causes, each once.
#[must_use]
pub fn with_sources(error: &dyn StdError) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    message
}
