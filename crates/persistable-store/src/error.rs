//! The one error type of this crate.

use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;

use persistable_base::refusal::Refusal;
use persistable_base::telling::{causes, tell};

use crate::location::Location;

/// The result of a store's operation.
pub type Result<T> = std::result::Result<T, Error>;

/// The kind of an error: what a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The stored artifact is not what was committed. Quarantine it and generate again.
    Damaged,
    /// The artifact is a symbolic link, and a tool such as git-annex or DVC has not fetched its content. The message says what to
    /// run. Nothing was changed.
    NotFetched,
    /// Another holder has the lease. Try again later.
    Busy,
    /// The waiting thread ended the wait.
    Interrupted,
    /// The lease was lost, or another process published in the meantime. Nothing was changed. Look up the artifact
    /// again.
    LeaseLost,
    /// The artifact may contain code, and nothing shows that this account wrote it here; see [`Trust`](crate::Trust).
    Untrusted,
    /// The account lacks a permission, or the store is read-only.
    Denied,
    /// There is no space left, or a quota is used up.
    Full,
    /// The store failed or can't be reached. The cause is in the source.
    Unavailable,
    /// A payload name or file suffix can't be part of a file name.
    InvalidName,
    /// The URL of a store or one of its options is wrong, or needs a Cargo feature. Correct the call.
    InvalidOption,
    /// A payload IO did not write one file or one folder of regular files.
    InvalidPayload,
    /// The manifest was written by a newer version of the format.
    NewerFormat,
}

/// An error: what failed, where, why, and what to do.
///
/// `{}` shows this layer and the advice. `{:#}` shows the causes too, and the advice last. `{:-}` shows no advice.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    advice: Option<Cow<'static, str>>,
    location: Option<Location>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    is_retryable: bool,
}

impl Error {
    /// Says what failed. A message names no location: [`at`](Self::at) does.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let is_retryable = kind == ErrorKind::Busy;
        let message = message.into();
        Self(Box::new(Inner { kind, message, advice: None, location: None, source: None, is_retryable }))
    }

    /// Says what to do, in place of what was advised before.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Says where it failed.
    #[must_use]
    pub fn at(mut self, location: impl Into<Location>) -> Self {
        self.0.location = Some(location.into());
        self
    }

    /// Says why it failed.
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

    pub(crate) fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "interrupted by the caller")
    }

    pub(crate) fn damaged(location: impl Into<Location>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, message).at(location)
    }

    /// An I/O error, with what was being done to which path.
    pub(crate) fn io(operation: &str, path: &Path, source: io::Error) -> Self {
        use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
        let kind = match Refusal::of(&source) {
            Some(Refusal::Denied) => ErrorKind::Denied,
            Some(Refusal::Full) => ErrorKind::Full,
            Some(Refusal::Unavailable) | None => ErrorKind::Unavailable,
        };
        let is_retryable = matches!(source.kind(), Interrupted | TimedOut | WouldBlock);
        Self::new(kind, format!("could not {operation}")).at(path).caused_by(source).retryable(is_retryable)
    }

    /// A file that may hold code, who else may have written it, and who signed it.
    pub(crate) fn untrusted(location: impl Into<Location>, why: &str, signature: &str) -> Self {
        Self::new(ErrorKind::Untrusted, format!("loading it may run code, and {why}. {signature}")).at(location)
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the file or folder concerned, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.location().and_then(Location::path)
    }

    /// Returns what is concerned, if that is known: a path, or a name in a store without paths.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// Returns what happened, without where and why.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Says one thing more. It is told after the causes, and before the advice of this error or of a cause.
    pub(crate) fn add(mut self, sentence: &str) -> Self {
        let advice = self.advice().or_else(|| causes(self.source()).find_map(advice_of));
        self.0.advice = Some(match advice {
            Some(advice) => format!("{sentence}. {advice}").into(),
            None => sentence.to_owned().into(),
        });
        self
    }

    /// Returns what to do, and what else there is to say.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.advice.as_deref()
    }

    /// Takes out what to do, for an error that is made of this one.
    #[doc(hidden)]
    pub fn take_advice(&mut self) -> Option<Cow<'static, str>> {
        self.0.advice.take()
    }

    /// Whether the system refused something to this account.
    pub(crate) fn is_permission_denied(&self) -> bool {
        let source = self.0.source.as_ref().and_then(|source| source.downcast_ref::<io::Error>());
        source.is_some_and(|source| source.kind() == io::ErrorKind::PermissionDenied)
    }

    /// Returns the cause by value, if there is one.
    #[must_use]
    pub fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.0.source
    }

    /// Whether a file or folder was not there, or another kind of thing was.
    pub(crate) fn is_missing(&self) -> bool {
        let source = self.0.source.as_ref().and_then(|source| source.downcast_ref::<io::Error>());
        source.is_some_and(|source| matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
    }

    /// Returns whether the same call may succeed later without anything being mended first.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.0.location {
            write!(f, "{location}: ")?;
        }
        tell(f, format_args!("{}", self.0.message), causes(self.source()), self.advice(), advice_of)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// Returns what an error of this crate advises, wherever it is among causes.
fn advice_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a str> {
    error.downcast_ref::<Error>()?.advice()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Error {
        Error::new(ErrorKind::Denied, "could not create a file").caused_by("Permission denied")
    }

    #[test]
    fn what_is_added_does_not_come_between_an_error_and_its_cause() {
        let error = refused().add("The layers above can still be loaded");
        assert_eq!(
            format!("{error:#}"),
            "could not create a file: Permission denied. The layers above can still be loaded"
        );
        let advised = refused().advise("Run: chmod u+w data");
        let error = Error::new(ErrorKind::Denied, "could not persist").caused_by(advised);
        assert_eq!(
            format!("{:#}", error.add("The layers above can still be loaded")),
            "could not persist: could not create a file: Permission denied. The layers above can still be loaded. \
             Run: chmod u+w data"
        );
    }

    #[test]
    fn the_advice_of_a_cause_comes_last_and_only_if_there_is_no_other() {
        let refused = || refused().advise("Ask its owner");
        let error = Error::new(ErrorKind::LeaseLost, "the lease was lost").caused_by(refused());
        assert_eq!(
            format!("{error:#}"),
            "the lease was lost: could not create a file: Permission denied. Ask its owner"
        );
        assert_eq!(format!("{error:-#}"), "the lease was lost: could not create a file: Permission denied");
        let error = Error::new(ErrorKind::LeaseLost, "the lease was lost").caused_by(refused()).advise("Load it");
        assert_eq!(format!("{error:#}"), "the lease was lost: could not create a file: Permission denied. Load it");
        assert_eq!(
            (format!("{error}"), format!("{error:-}")),
            ("the lease was lost. Load it".into(), "the lease was lost".into())
        );
    }
}
