//! The one error type of this crate.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The result of a store's operation.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, grouped by what a caller would do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What is stored is not what was committed: quarantine it and generate anew.
    Damaged,
    /// Another holder has the lease: try again later.
    Busy,
    /// A wait was ended by the one who waited.
    Interrupted,
    /// The artifact may hold code, and nothing shows that this account wrote it here; see [`Trust`](crate::Trust).
    Untrusted,
    /// The account lacks a permission, or the store is read-only.
    Denied,
    /// There is no room left, or a quota is used up.
    Full,
    /// The store can't be reached or failed: the cause is in the source.
    Unavailable,
    /// A payload name or file suffix that can't be part of a file name.
    InvalidName,
    /// What a payload IO wrote is not one file and not one folder of regular files.
    InvalidPayload,
    /// The manifest was written by a newer version of the format.
    NewerFormat,
}

/// What failed, where, and why.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    path: Option<PathBuf>,
    source: Option<io::Error>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), path: None, source: None }))
    }

    pub(crate) fn at(kind: ErrorKind, path: &Path, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), path: Some(path.to_owned()), source: None }))
    }

    pub(crate) fn damaged(path: &Path, message: impl Into<String>) -> Self {
        Self::at(ErrorKind::Damaged, path, message)
    }

    /// An I/O error, with what was being done to which path.
    pub(crate) fn io(operation: &str, path: &Path, source: io::Error) -> Self {
        let kind = match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Denied,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Full,
            _ => ErrorKind::Unavailable,
        };
        Self(Box::new(Inner {
            kind,
            message: format!("could not {operation}"),
            path: Some(path.to_owned()),
            source: Some(source),
        }))
    }

    /// A file that may hold code, and who else may have written it.
    pub(crate) fn untrusted(path: &Path, why: &str) -> Self {
        let message = format!(
            "loading it may run code, and {why}. Where whoever wrote it is to be trusted, say so: trust anyone, or share a \
             signing key with them, which signs what is persisted from then on. generate() replaces it"
        );
        Self::at(ErrorKind::Untrusted, path, message)
    }

    /// A data folder that was there when it was opened.
    pub(crate) fn gone(path: &Path, source: io::Error) -> Self {
        Self(Box::new(Inner {
            kind: ErrorKind::Unavailable,
            message: "the data folder is gone: was it removed, or its disk or share unmounted?".into(),
            path: Some(path.to_owned()),
            source: Some(source),
        }))
    }

    /// Returns what a caller would distinguish errors by.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the file or folder concerned, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Returns the cause by value, if there is one.
    #[must_use]
    pub fn into_source(self) -> Option<io::Error> {
        self.0.source
    }

    /// Whether a file or folder was not there, or another kind of thing was.
    pub(crate) fn is_missing(&self) -> bool {
        let source = self.0.source.as_ref().map(io::Error::kind);
        matches!(source, Some(io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
    }

    /// Returns whether the same call may succeed later without anything being mended first.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Busy => true,
            ErrorKind::Unavailable => self.0.source.as_ref().is_some_and(|source| {
                matches!(
                    source.kind(),
                    io::ErrorKind::Interrupted | io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
                )
            }),
            _ => false,
        }
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.path {
            Some(path) => write!(f, "{}: {}", path.display(), self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

/// Names the operation and the path of an I/O error.
pub(crate) trait Context<T> {
    fn context(self, operation: &str, path: &Path) -> Result<T>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, operation: &str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::io(operation, path, source))
    }
}
