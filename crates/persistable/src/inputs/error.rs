//! Why a file can't be an input.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// Why a file can't be an input, before it is known for which step and what was being done.
#[derive(Debug)]
pub struct InputError {
    kind: ErrorKind,
    path: Option<PathBuf>,
    /// What people read after the path, as in "is a folder".
    problem: String,
    source: Option<io::Error>,
}

/// The result of looking at an input.
pub(super) type Result<T> = std::result::Result<T, InputError>;

impl InputError {
    /// A file that can't be an input, or not this one.
    pub(super) fn refused(path: &Path, problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, Some(path), problem, None)
    }

    /// An argument that can't be used, whatever the file is.
    pub(super) fn argument(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, None, problem, None)
    }

    /// A file that has other content than the key was made of.
    pub(super) fn outdated(path: &Path, problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Outdated, Some(path), problem, None)
    }

    /// A failure of the system.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        if is_missing(&source) {
            return Self::new(
                ErrorKind::MissingInput,
                Some(path),
                "does not exist: correct the path, or create it",
                None,
            );
        }
        let kind = ErrorKind::of_io(&source).unwrap_or(ErrorKind::Unavailable);
        Self::new(kind, Some(path), "can't be read", Some(source))
    }

    fn new(kind: ErrorKind, path: Option<&Path>, problem: impl Into<String>, source: Option<io::Error>) -> Self {
        Self { kind, path: path.map(Path::to_owned), problem: problem.into(), source }
    }

    /// Whether the file is not there.
    pub(super) fn is_missing(&self) -> bool {
        self.kind == ErrorKind::MissingInput
    }

    /// Says what was being done for which step.
    #[must_use]
    pub fn of_step(self, operation: &'static str, step: impl fmt::Display) -> Error {
        let message = match &self.path {
            Some(path) => format!("{} {}", path.display(), self.problem),
            None => self.problem,
        };
        caused(Error::new(self.kind, operation, step, message), self.source)
    }

    /// Says that an input was being opened, for no step yet.
    #[must_use]
    pub fn of_input(self, input: &Path) -> Error {
        let (path, message) = match &self.path {
            Some(path) => (path.as_path(), format!("it {}", self.problem)),
            None => (input, self.problem),
        };
        caused(Error::new(self.kind, "open", path.display(), message), self.source)
    }
}

fn caused(error: Error, source: Option<io::Error>) -> Error {
    match source {
        Some(source) => error.caused_by(source),
        None => error,
    }
}

/// Whether there is nothing at a path.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
