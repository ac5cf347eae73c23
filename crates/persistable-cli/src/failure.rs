//! Why a command ends, what to try next, and its exit code.

use std::io;

use persistable_catalogue::ErrorKind;
use persistable_store::ErrorKind as StoreErrorKind;

/// The result of a part of a command.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// How a command ended. Scripts rely on these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked for, and found nothing wrong.
    Done = 0,
    /// It did what was asked for, and something was found: damage, or artifacts that could not be copied or removed.
    Found = 1,
    /// The command is written wrong.
    Usage = 2,
    /// There is no such store, step or artifact.
    NotFound = 3,
    /// The store can't be used now: it can't be reached, access is denied, or others use it.
    Unavailable = 4,
}

/// What the help says of exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  done, and something was found: damage, or artifacts that could not be copied or removed
  2  the command is written wrong
  3  there is no such store, step or artifact
  4  the store can't be used: it can't be reached, access is denied, or others use it";

/// Why a command could not be done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What it says to people.
    Told(Box<Told>),
    /// Nobody reads the output any more, as with `| head`.
    ClosedPipe,
}

/// What is said of a failure.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// Commands to try next.
    pub(crate) next: Vec<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Told(Box::new(Told { exit, message: message.into(), next: Vec::new() }))
    }

    /// The command is written wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Names a command to try next.
    pub(crate) fn next(mut self, command: impl Into<String>) -> Self {
        if let Self::Told(told) = &mut self {
            told.next.push(command.into());
        }
        self
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Told(told) => told.exit,
            Self::ClosedPipe => Exit::Done,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::new(Exit::Unavailable, format!("the output can't be written: {error}")),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        // The serializer wraps what the pipe says.
        io::Error::from(error).into()
    }
}

impl From<persistable_catalogue::Error> for Failure {
    fn from(error: persistable_catalogue::Error) -> Self {
        let exit = match error.kind() {
            ErrorKind::Filter => Exit::Usage,
            ErrorKind::NotFound | ErrorKind::Ambiguous => Exit::NotFound,
            _ => Exit::Unavailable,
        };
        Self::new(exit, format!("{error:#}"))
    }
}

impl From<persistable_store::Error> for Failure {
    fn from(error: persistable_store::Error) -> Self {
        let exit = match error.kind() {
            StoreErrorKind::InvalidOption => Exit::Usage,
            StoreErrorKind::Damaged => Exit::Found,
            _ => Exit::Unavailable,
        };
        Self::new(exit, format!("{error:#}"))
    }
}
