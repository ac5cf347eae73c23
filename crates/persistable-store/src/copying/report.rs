//! What was copied, and what was not.

use std::error::Error as StdError;
use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::format::ArtifactId;
use crate::location::Location;

/// So many failures are named in a message.
const MOST_NAMED: usize = 3;

/// What was copied from one store to another.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CopyReport {
    /// These were copied, in the order in which they were complete.
    pub copied: Vec<ArtifactId>,
    /// These were in the other store already.
    pub skipped: Vec<ArtifactId>,
    /// These are in neither store. A dependency may have been removed; that is no error.
    pub missing: Vec<ArtifactId>,
    /// These may run code and are not trusted, and the copy would have to be signed anew.
    pub refused: Vec<NotCopied>,
    /// These could not be copied.
    pub failed: Vec<NotCopied>,
    /// So many bytes of payloads were copied.
    pub copied_bytes: u64,
    /// So many were not tried: others before them failed, since a store can't be reached, or denies.
    pub untried: usize,
}

/// An artifact that was not copied.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotCopied {
    /// What the names of its files begin with.
    pub stem: String,
    /// Why.
    pub error: Error,
}

impl CopyReport {
    /// Returns what was done before copying ended with this error, or with one that it caused.
    #[must_use]
    pub fn of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(incomplete) = error.downcast_ref::<Incomplete>() {
                return Some(&incomplete.0);
            }
            cause = error.source();
        }
        None
    }

    /// Returns the report, or an error with it where something was not copied that should have been.
    pub(super) fn checked(self, to: &Location) -> Result<Self, Error> {
        let Some(first) = self.failed.first().or(self.refused.first()) else { return Ok(self) };
        let (kind, is_retryable) = (first.error.kind(), self.failed.iter().any(|failed| failed.error.is_retryable()));
        let shared = self.shared_advice();
        let error = Error::new(kind, self.message(shared.is_some())).at(to).retryable(is_retryable);
        let again = "Call it again, and it copies what is missing";
        let error = match shared {
            Some(shared) => error.advise(format!("{shared}. {again}")),
            None => error.advise(again),
        };
        Err(error.caused_by(Incomplete(self)))
    }

    /// Returns the error of a copying that was interrupted.
    pub(super) fn interrupted(self, to: &Location) -> Error {
        let message = format!("copying was interrupted: {} artifacts were copied", self.copied.len());
        Error::new(ErrorKind::Interrupted, message)
            .advise("Call it again, and it goes on with what is missing")
            .at(to)
            .caused_by(Incomplete(self))
    }

    fn not_copied(&self) -> impl Iterator<Item = &NotCopied> {
        self.failed.iter().chain(&self.refused)
    }

    /// Returns what to do about each artifact that was not copied, if that is the same.
    fn shared_advice(&self) -> Option<String> {
        let mut advice = self.not_copied().map(|not_copied| not_copied.error.advice());
        let first = advice.next()??;
        advice.all(|other| other == Some(first)).then(|| first.to_owned())
    }

    /// Says what was not copied. If all of it has the same advice, that `is_shared`, and is given once.
    fn message(&self, is_shared: bool) -> String {
        let why = |error: &Error| if is_shared { format!("{error:-#}") } else { format!("{error:#}") };
        let count = self.not_copied().count();
        let done = format!("{} were copied, and {} were there already", self.copied.len(), self.skipped.len());
        if let (Some(last), true) = (self.failed.last(), self.untried > 0) {
            let (why, untried) = (why(&last.error), self.untried);
            return format!(
                "copying stopped, since several artifacts in a row could not be copied. The last error was: {why}. {count} were \
                 not copied, and {untried} more were not tried. {done}"
            );
        }
        let mut message = format!("{count} of the artifacts could not be copied here: ");
        for (index, NotCopied { stem, error }) in self.not_copied().take(MOST_NAMED).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            message.push_str(&format!("{separator}{stem} ({})", why(error)));
        }
        if count > MOST_NAMED {
            message.push_str(&format!("; and {} more", count - MOST_NAMED));
        }
        message.push_str(&format!(". {done}"));
        message
    }
}

/// The source of an error after which something is not copied.
#[derive(Debug)]
struct Incomplete(CopyReport);

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.0;
        let (copied, not_copied) = (report.copied.len(), report.failed.len() + report.refused.len());
        write!(f, "{copied} artifacts were copied, and {not_copied} were not")
    }
}

impl StdError for Incomplete {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let first = self.0.failed.first().or(self.0.refused.first())?;
        Some(&first.error)
    }
}
