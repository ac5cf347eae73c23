//! Why a file can't be an input.

use std::fmt;
use std::io;
use std::path::Path;

use crate::error::{Error, ErrorKind};

/// Why a file can't be an input, before it is known for which step and what was being done.
#[derive(Debug)]
pub struct InputError {
    kind: ErrorKind,
    message: String,
    source: Option<io::Error>,
}

/// The result of looking at an input.
pub(super) type Result<T> = std::result::Result<T, InputError>;

impl InputError {
    /// A file that can't be an input, or not this one.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Input, message: message.into(), source: None }
    }

    /// A file that has other content than the key was made of.
    pub(super) fn outdated(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Outdated, message: message.into(), source: None }
    }

    /// A failure of the system, with what was being done to which path.
    pub(super) fn io(operation: &str, path: &Path, source: io::Error) -> Self {
        let path = path.display();
        if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
            let advice =
                "correct the path or put the file there; with `digest`, a persisted payload loads without the file";
            let message = format!("{path} does not exist: {advice}");
            let source = io::Error::new(io::ErrorKind::NotFound, source);
            return Self { kind: ErrorKind::Input, message, source: Some(source) };
        }
        let kind = ErrorKind::of_io(&source).unwrap_or(ErrorKind::Unavailable);
        Self { kind, message: format!("could not {operation} {path}"), source: Some(source) }
    }

    /// Whether the file is not there.
    pub(super) fn is_missing(&self) -> bool {
        self.kind == ErrorKind::Input && self.source.is_some()
    }

    /// Says what was being done for which step.
    pub fn of_step(self, operation: &'static str, step: impl fmt::Display) -> Error {
        let error = Error::new(self.kind, operation, step, self.message);
        match self.source {
            Some(source) => error.caused_by(source),
            None => error,
        }
    }
}
