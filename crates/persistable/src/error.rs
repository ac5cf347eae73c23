//! The one error type of this crate.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io::Error as IoError;
use std::sync::Arc;

use persistable_base::refusal::Refusal;
use persistable_base::telling::{causes, tell};
use persistable_key::{Key, ParamError};
use persistable_store::{Error as StoreError, ErrorKind as StoreErrorKind};

use crate::params_tree::ParamsTree;

/// The result of an operation on a [`Persistable`](crate::Persistable).
pub type Result<T> = std::result::Result<T, Error>;

/// The kind of an error: what a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing is persisted for these parameters. Generate it.
    Missing,
    /// The persisted artifact is not what was committed. If the store can be written to, it is in quarantine now, under
    /// `.persistable/quarantine`. Generate it again.
    Damaged,
    /// The step's validator refuses the payload.
    InvalidPayload,
    /// There is no payload in memory to persist or to validate.
    NoPayload,
    /// A parameter has no canonical form. The message names it and says what to do.
    UnsupportedParameter,
    /// An input file or folder does not exist. Correct the path, or create it.
    MissingInput,
    /// A file can't be an input, or it does not have the digest that it is pinned to. The message says what to do.
    Input,
    /// The payload name or the suffix can't be part of a file name.
    InvalidName,
    /// The step's own code failed. Its error is the [source](StdError::source), with all causes.
    Generation,
    /// The payload IO could not write the payload. Its error is the source.
    Encoding,
    /// The artifact is whole, but this step can't read it. It was written by another payload IO, with another payload
    /// type, or by a newer version of this library.
    Incompatible,
    /// The code, an input file or the payload of a dependency has changed since the artifact was made, and the step
    /// [refuses](crate::CodeChange::Refuse) this. `generate()` makes it again.
    Outdated,
    /// Two types of steps would share this artifact. Give one of them another payload name.
    Conflict,
    /// A step asked for the payload of a step that is not among its dependencies, and it
    /// [refuses](crate::Policy::Refuse) this.
    Undeclared,
    /// Loading the artifact may run code, and nothing shows that this account wrote it here; see
    /// [`Trust`](crate::Trust). The artifact does not change, also not by `load_generate`.
    Untrusted,
    /// Another thread or process is generating this artifact, and waiting longer is not allowed. Or another process may
    /// have taken over the lease of this one and persisted its payload.
    Busy,
    /// [`Builder::interrupt`](crate::Builder::interrupt) ended a wait for another thread or process.
    Interrupted,
    /// The account lacks a permission, or the store is read-only.
    Denied,
    /// There is no space left, or a quota is used up.
    Full,
    /// The store failed or can't be reached. The cause is the source.
    Unavailable,
    /// In place of the artifact there is a symbolic link, and a tool such as git-annex or DVC has not fetched its content.
    /// The message says what to run. `load_generate` generates nothing then: the payload exists, only elsewhere.
    NotFetched,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[
        Self::Missing,
        Self::Damaged,
        Self::InvalidPayload,
        Self::NoPayload,
        Self::UnsupportedParameter,
        Self::MissingInput,
        Self::Input,
        Self::InvalidName,
        Self::Generation,
        Self::Encoding,
        Self::Incompatible,
        Self::Outdated,
        Self::Conflict,
        Self::Undeclared,
        Self::Untrusted,
        Self::Busy,
        Self::Interrupted,
        Self::Denied,
        Self::Full,
        Self::Unavailable,
        Self::NotFetched,
    ];

    /// Returns the kind's name in snake case, the same in every language and every version.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::InvalidPayload => "invalid_payload",
            Self::NoPayload => "no_payload",
            Self::UnsupportedParameter => "unsupported_parameter",
            Self::MissingInput => "missing_input",
            Self::Input => "input",
            Self::InvalidName => "invalid_name",
            Self::Generation => "generation",
            Self::Encoding => "encoding",
            Self::Incompatible => "incompatible",
            Self::Outdated => "outdated",
            Self::Conflict => "conflict",
            Self::Undeclared => "undeclared",
            Self::Untrusted => "untrusted",
            Self::Busy => "busy",
            Self::Interrupted => "interrupted",
            Self::Denied => "denied",
            Self::Full => "full",
            Self::Unavailable => "unavailable",
            Self::NotFetched => "not_fetched",
        }
    }

    /// Returns the kind of an error of the system, such as a full disk; `None` if the error is about the bytes, such as
    /// an unexpected end.
    ///
    /// If a payload IO fails with such an error, or with one that wraps it, the step's [`Error`] has this kind.
    ///
    /// ```
    /// # use persistable::ErrorKind;
    /// use std::io;
    ///
    /// assert_eq!(ErrorKind::of_io(&io::ErrorKind::StorageFull.into()), Some(ErrorKind::Full));
    /// assert_eq!(ErrorKind::of_io(&io::ErrorKind::UnexpectedEof.into()), None);
    /// ```
    #[must_use]
    pub fn of_io(error: &IoError) -> Option<Self> {
        Refusal::of(error).map(|refusal| match refusal {
            Refusal::Denied => Self::Denied,
            Refusal::Full => Self::Full,
            Refusal::Unavailable => Self::Unavailable,
        })
    }

    /// Returns the kind of an error of a store. A wrong option of a store has no kind of its own here: no step has one.
    pub(crate) fn of_store(kind: StoreErrorKind) -> Self {
        match kind {
            StoreErrorKind::Damaged => Self::Damaged,
            StoreErrorKind::NotFetched => Self::NotFetched,
            StoreErrorKind::Busy | StoreErrorKind::LeaseLost => Self::Busy,
            StoreErrorKind::Interrupted => Self::Interrupted,
            StoreErrorKind::Untrusted => Self::Untrusted,
            StoreErrorKind::Denied => Self::Denied,
            StoreErrorKind::Full => Self::Full,
            StoreErrorKind::InvalidName => Self::InvalidName,
            StoreErrorKind::InvalidPayload => Self::Encoding,
            StoreErrorKind::NewerFormat => Self::Incompatible,
            _ => Self::Unavailable,
        }
    }
}

/// A kind that is added after the last one has to be added to the list as well.
const _: () = assert!(ErrorKind::ALL.len() == ErrorKind::NotFetched as usize + 1);

/// An error: what failed, for which step, and why.
///
/// `Display` shows what failed and what to do. `{:#}` shows the causes too, and what to do last. [`source`](StdError::source) gives the causes below.
/// `Debug`, which `main` and `unwrap` use, shows the step's params and the causes too. `{:#?}` shows the fields.
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    operation: &'static str,
    step: String,
    key: Option<Key>,
    params: Option<ParamsTree>,
    message: String,
    advice: Option<Cow<'static, str>>,
    retryable: bool,
    is_lease_lost: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// `step` is how the step is shown: its payload name, with the key where that is known.
    pub(crate) fn new(
        kind: ErrorKind,
        operation: &'static str,
        step: impl fmt::Display,
        message: impl Into<String>,
    ) -> Self {
        let retryable = kind == ErrorKind::Busy;
        let (step, message) = (step.to_string(), message.into());
        Self(Box::new(Inner {
            kind,
            operation,
            step,
            key: None,
            params: None,
            message,
            advice: None,
            retryable,
            is_lease_lost: false,
            source: None,
        }))
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = match source.into().downcast::<Interrupt>() {
            Ok(interrupt) => {
                self.0.kind = ErrorKind::Interrupted;
                "interrupted".clone_into(&mut self.0.message);
                self.0.advice = None;
                interrupt.0
            }
            Err(source) => source,
        };
        self.0.source = Some(match source.downcast::<Unpersistable>() {
            Ok(refusal) => {
                "the payload can't be persisted".clone_into(&mut self.0.message);
                self.0.advice = None;
                refusal.0
            }
            Err(source) => source,
        });
        self
    }

    /// Says what to do, in place of what was advised before.
    pub(crate) fn advise(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Says one thing more. It is told after the causes, and before the advice of this error or of a cause.
    pub(crate) fn add(mut self, sentence: &str) -> Self {
        let advice = self.0.advice.as_deref().or_else(|| causes(self.source()).find_map(advice_of));
        self.0.advice = Some(match advice {
            Some(advice) => format!("{sentence}. {advice}").into(),
            None => sentence.to_owned().into(),
        });
        self
    }

    /// Says that only a change of the program helps.
    pub(crate) fn not_retryable(mut self) -> Self {
        self.0.retryable = false;
        self
    }

    /// Says that another may have had the lease, in place of what was said and advised before.
    pub(crate) fn lease_lost(mut self, message: &str) -> Self {
        message.clone_into(&mut self.0.message);
        self.0.advice = None;
        self.0.is_lease_lost = true;
        self
    }

    pub(crate) fn is_lease_lost(&self) -> bool {
        self.0.is_lease_lost
    }

    pub(crate) fn of_key(mut self, key: Key) -> Self {
        self.0.key = Some(key);
        self
    }

    /// Says of which step it is, by its key and its params.
    pub(crate) fn of_tree(mut self, step: &ParamsTree) -> Self {
        self.0.key = Some(step.key());
        self.0.params = Some(step.clone());
        self
    }

    pub(crate) fn of_store(operation: &'static str, step: impl fmt::Display, mut error: StoreError) -> Self {
        let kind = ErrorKind::of_store(error.kind());
        let (retryable, advice) = (error.is_retryable(), error.take_advice());
        let mut this = Self::new(kind, operation, step, error.to_string());
        this.0.retryable = retryable;
        this.0.advice = advice;
        match error.into_source() {
            Some(source) => this.caused_by(source),
            None => this,
        }
    }

    /// An error that came out of a payload IO: the store's where there is one below it.
    pub(crate) fn of_payload_io(
        kind: ErrorKind,
        operation: &'static str,
        step: impl fmt::Display,
        message: String,
        advice: Option<String>,
        error: Box<dyn StdError + Send + Sync>,
    ) -> Self {
        match error.downcast::<StoreError>() {
            Ok(error) => Self::of_store(operation, step, *error),
            Err(error) => {
                let mut this = Self::new(io_kind(&*error).unwrap_or(kind), operation, step, message);
                this.0.advice = advice.map(Cow::Owned);
                this.caused_by(error)
            }
        }
    }

    pub(crate) fn of_param(step: impl fmt::Display, error: &ParamError) -> Self {
        Self::new(ErrorKind::UnsupportedParameter, "open", step, error.to_string())
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the operation that failed: `open`, `load`, `lease`, `generate`, `persist`, `validate`, `remove`, `copy`,
    /// `reproduce` or `accept`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// Returns the step: its payload name and, if it is known, the first half of its key, as in file names.
    #[must_use]
    pub fn step(&self) -> &str {
        &self.0.step
    }

    /// Returns the step's key; `None` if it is not known yet.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        self.0.key
    }

    /// Returns what failed and all causes in one text, for a log that names the step itself.
    pub(crate) fn explained(&self) -> String {
        format!("{:#}", Telling { error: self, names_step: false, is_end: |_| false })
    }

    /// Returns what failed and the causes before the first one that is told elsewhere, in one text.
    #[doc(hidden)]
    #[must_use]
    pub fn explained_before(&self, is_end: fn(&(dyn StdError + 'static)) -> bool) -> String {
        format!("{:#}", Telling { error: self, names_step: true, is_end })
    }

    /// Returns whether the same call may succeed later without any other change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Returns the error below, such as the one that a step's own code returned.
    ///
    /// # Errors
    ///
    /// Returns `self` if there is no error below.
    pub fn into_source(mut self) -> std::result::Result<Box<dyn StdError + Send + Sync>, Self> {
        self.0.source.take().ok_or(self)
    }
}

/// Looks for a failure of the system below an error that a payload IO wrapped.
fn io_kind(error: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| {
        if let Some(error) = error.downcast_ref::<StoreError>() {
            return Some(ErrorKind::of_store(error.kind()));
        }
        error.downcast_ref::<IoError>().and_then(ErrorKind::of_io)
    })
}

/// What a step's validation gives where the validator has nothing against a payload that can't be persisted all the same.
///
/// The error says so, and has what is within as its source.
#[derive(Debug)]
pub struct Unpersistable(pub Box<dyn StdError + Send + Sync>);

impl fmt::Display for Unpersistable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Unpersistable {}

/// What a step's code gives where a user interrupted it: that is not a failure of the step.
#[derive(Debug)]
pub struct Interrupt(pub Box<dyn StdError + Send + Sync>);

impl fmt::Display for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Interrupt {}

/// An error of a store, for programs that use one by itself.
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::of_store("use", "the store", error)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return f.debug_tuple("Error").field(&self.0).finish();
        }
        write!(f, "{self}")?;
        if let Some(params) = self.0.params.as_ref().filter(|step| !step.params().is_empty()) {
            write!(f, "\n\nParams:\n    {}", params.own_for_people())?;
        }
        let causes = std::iter::successors(self.source(), |&cause| cause.source());
        causes.enumerate().try_for_each(|(n, cause)| {
            f.write_str(if n == 0 { "\n\nCaused by:\n    " } else { "\n    " })?;
            fmt::Display::fmt(cause, f)
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Telling { error: self, names_step: true, is_end: |_| false }.fmt(f)
    }
}

/// What an error says.
struct Telling<'a> {
    error: &'a Error,
    names_step: bool,
    /// Whether a cause is not told, nor those below it.
    is_end: fn(&(dyn StdError + 'static)) -> bool,
}

impl fmt::Display for Telling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { operation, step, message, advice, .. } = &*self.error.0;
        let causes = causes(self.error.source()).take_while(|cause| !(self.is_end)(*cause));
        let advice = advice.as_deref();
        match self.names_step {
            true => tell(f, format_args!("could not {operation} {step}: {message}"), causes, advice, advice_of),
            false => tell(f, format_args!("could not {operation}: {message}"), causes, advice, advice_of),
        }
    }
}

/// Returns what an error of this crate or of a store advises, wherever it is among causes.
fn advice_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a str> {
    match error.downcast_ref::<Error>() {
        Some(error) => error.0.advice.as_deref(),
        None => match error.downcast_ref::<Arc<Error>>() {
            Some(error) => error.0.advice.as_deref(),
            None => error.downcast_ref::<StoreError>()?.advice(),
        },
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
