//! The one error type of this crate.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use persistable_base::refusal::Refusal;
use persistable_base::telling::{causes, tell};

/// What an error says if the caller's own function asked to stop.
pub(crate) const INTERRUPTED: &str = "interrupted by the caller";

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, grouped by what a caller would do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The credentials are known, but lack a permission: the account's owner must grant it.
    Denied,
    /// There are no credentials, or the service does not accept them: log in again, or set them.
    NoCredentials,
    /// The bucket, container or host does not exist: correct the URL.
    NoSuchStore,
    /// A URL, an option or an object's name is wrong: correct the call.
    Invalid,
    /// The service can't do this at all. [`Objects::can`](crate::Objects::can) tells what it can do.
    Unsupported,
    /// There is no room left, or a quota is used up.
    Full,
    /// The service can't be reached, or it failed. The message says why.
    Unavailable,
    /// The caller's own function asked to stop.
    Interrupted,
    /// A local file could not be read or written.
    LocalFile,
}

/// What failed, at which store and object, and what helps.
///
/// No secret is in an error. What a service answered is told, after all known secrets were taken out.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    store: Option<Arc<str>>,
    object: Option<String>,
    operation: Option<&'static str>,
    advice: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    is_retryable: bool,
    is_outcome_unknown: bool,
}

impl Error {
    /// Says what failed. The message must not hold a secret.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            store: None,
            object: None,
            operation: None,
            advice: None,
            source: None,
            is_retryable: false,
            is_outcome_unknown: false,
        }))
    }

    /// Tells that a local file could not be read or written.
    #[must_use]
    pub fn local(operation: &'static str, source: io::Error) -> Self {
        let kind = match Refusal::of(&source) {
            Some(Refusal::Full) => ErrorKind::Full,
            _ => ErrorKind::LocalFile,
        };
        Self::new(kind, format!("could not {operation} the local file")).caused_by(source)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// Tells that the caller's own function asked to stop.
    #[doc(hidden)]
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, INTERRUPTED)
    }

    /// Names the store, the operation and the object, where they are not named yet.
    #[must_use]
    pub fn at(mut self, store: &Arc<str>, operation: &'static str, object: Option<&str>) -> Self {
        self.0.store.get_or_insert_with(|| Arc::clone(store));
        self.0.operation.get_or_insert(operation);
        if self.0.object.is_none() {
            self.0.object = object.map(str::to_owned);
        }
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Says why it failed. The source must not show a secret either.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says whether the same call may succeed later without anything being mended first.
    #[must_use]
    pub fn retryable(mut self, is_retryable: bool) -> Self {
        self.0.is_retryable = is_retryable;
        self
    }

    /// Says that the write may have happened, or may still happen.
    #[must_use]
    pub fn outcome_unknown(mut self, is_unknown: bool) -> Self {
        self.0.is_outcome_unknown = is_unknown;
        self
    }

    /// Returns what a caller would distinguish errors by.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns what happened, without where, and without what to do next.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns what happened, and whether the write may have happened all the same.
    #[doc(hidden)]
    #[must_use]
    pub fn what(&self) -> String {
        let outcome = if self.0.is_outcome_unknown { ". The write may have happened all the same" } else { "" };
        format!("{}{outcome}", self.0.message)
    }

    /// Returns the URL of the store, without credentials.
    #[must_use]
    pub fn store(&self) -> Option<&str> {
        self.0.store.as_deref()
    }

    /// Returns the name of the object concerned.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        self.0.object.as_deref()
    }

    /// Returns what was being done, as a verb: "get", "put", …
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Returns what to do next.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.advice.as_deref()
    }

    /// Returns whether the same call may succeed later without anything being mended first.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }

    /// Returns whether the write may have happened, or may still happen. Read the object to know.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.is_outcome_unknown
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(store) = &inner.store {
            write!(f, "{store}: ")?;
        }
        match (inner.operation, &inner.object) {
            (Some(operation), Some(object)) => write!(f, "could not {operation} {object:?}: ")?,
            (Some(operation), None) => write!(f, "could not {operation}: ")?,
            (None, _) => {}
        }
        tell(f, format_args!("{}", self.what()), causes(self.source()), self.advice(), |_| None)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
