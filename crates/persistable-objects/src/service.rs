//! What a kind of service does: each verb is one request, sent once. The [engine](crate::engine) tries again.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use crate::can::Can;
use crate::error::{Error, ErrorKind, INTERRUPTED};
use crate::objects::{ListedObject, UploadId, Version};
use crate::stop::Stop;

/// A kind of service. Names are full ones: the engine puts the store's prefix before them.
///
/// A name that is missing is an answer, and not a fault. A missing bucket is a fault.
pub(crate) trait Service: Send + Sync + fmt::Debug {
    /// Tells what needs no request to be known.
    fn about(&self) -> About;

    /// Tells whether nothing can be written at all, whoever asks.
    fn is_read_only(&self) -> bool {
        false
    }

    /// Tells what the service says of itself that it can do; nothing where only a probe shows it.
    fn says(&self, _: Stop<'_>) -> Result<Option<Can>, Fault> {
        Ok(None)
    }

    /// Reads an object, or a part of it.
    fn get(&self, stop: Stop<'_>, name: &str, ask: &Ask<'_>) -> Result<Answer, Fault>;

    /// Whether parts of an object can be asked for. If they can't, each read of a part gets all that is before it, too.
    fn has_ranges(&self) -> bool {
        true
    }

    /// Copies a whole object into a file, where parts can't be asked for. What it returns has no bytes.
    fn copy(&self, _: Stop<'_>, _name: &str, _to: &File) -> Result<Answer, Fault> {
        Err(Fault::new(Ended::Final(ErrorKind::Unsupported), "this store is read by parts"))
    }

    /// Writes a whole object.
    fn put(&self, stop: Stop<'_>, name: &str, bytes: Bytes, condition: Condition<'_>) -> Result<Version, Fault>;

    /// Deletes objects, as many as `about` says at most.
    fn delete(&self, stop: Stop<'_>, names: &[String]) -> Result<(), Fault>;

    /// Lists a batch in the order of bytes.
    fn list(&self, stop: Stop<'_>, prefix: &str, from: From<'_>) -> Result<Page, Fault>;

    /// Begins an upload in parts.
    fn begin(&self, stop: Stop<'_>, name: &str) -> Result<UploadId, Fault>;

    /// Writes one part, and returns the service's word for it.
    fn part(&self, stop: Stop<'_>, upload: Upload<'_>, part: Part, bytes: Bytes) -> Result<String, Fault>;

    /// Makes an object of the parts. An upload that is not known is [`Ended::Lost`].
    fn finish(
        &self,
        stop: Stop<'_>,
        upload: Upload<'_>,
        parts: &[String],
        condition: Condition<'_>,
    ) -> Result<Version, Fault>;

    /// Ends an upload and deletes its parts. One that is not known is no fault.
    fn abort(&self, stop: Stop<'_>, upload: Upload<'_>) -> Result<(), Fault>;

    /// Deletes files of a folder that are no objects, and that nobody writes to any more.
    fn sweep(&self, _: Stop<'_>, _folder: &str) -> Result<(), Fault> {
        Ok(())
    }

    /// The same in all folders whose names begin with a prefix, which nobody needs any more. Empty folders go, too.
    fn clear(&self, _: Stop<'_>, _prefix: &str) -> Result<(), Fault> {
        Ok(())
    }
}

/// What is known of a service without a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// What it can do, where that needs no probe.
    pub can: Option<Can>,
    /// Whether conditions may have to be sent without quotes.
    pub has_quotes: bool,
    /// Whether an upload in parts can be finished on a condition.
    pub finishes_on_condition: bool,
    /// How many objects one request deletes at most.
    pub most_deleted: usize,
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask<'a> {
    pub range: Option<Range<u64>>,
    pub unless: Option<&'a Version>,
}

/// What a read found.
#[derive(Debug)]
pub(crate) enum Answer {
    Absent,
    Same,
    Found(Piece),
}

/// An object, or the part of it that was asked for.
#[derive(Debug)]
pub(crate) struct Piece {
    pub bytes: Vec<u8>,
    /// Of the whole object.
    pub size: u64,
    pub version: Version,
    pub age: Option<Duration>,
}

/// A condition, as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition<'a> {
    None,
    Absent,
    Still { version: &'a Version, is_quoted: bool },
}

/// Where a listing begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From<'a> {
    Begin,
    After(&'a str),
    Token(&'a str),
}

/// A batch of a listing.
#[derive(Debug)]
pub(crate) struct Page {
    pub entries: Vec<ListedObject>,
    pub next: Option<String>,
}

/// An upload in parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upload<'a> {
    pub name: &'a str,
    pub id: &'a UploadId,
}

/// Which part of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub index: usize,
    pub offset: u64,
}

/// Why a request did not do what it was for.
#[derive(Debug)]
pub(crate) struct Fault {
    pub ended: Ended,
    pub message: String,
    pub advice: Option<String>,
    /// Whether what was asked for may have happened, or may still happen.
    pub may_have_landed: bool,
    /// How long the service asks to wait.
    pub pause: Option<Duration>,
}

impl std::convert::From<Error> for Fault {
    fn from(error: Error) -> Self {
        let advice = error.advice().map(str::to_owned);
        Self { advice, ..Self::new(Ended::Final(error.kind()), format!("{error:-#}")) }
    }
}

/// How a request ended that did not do what it was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The condition does not hold, or did not for a moment: another request came between.
    Refused,
    /// There is no such upload.
    Lost,
    /// The same request may succeed later.
    Passing,
    /// The same request would fail again.
    Final(ErrorKind),
}

impl Fault {
    pub(crate) fn new(ended: Ended, message: impl Into<String>) -> Self {
        Self { ended, message: message.into(), advice: None, may_have_landed: false, pause: None }
    }

    pub(crate) fn interrupted() -> Self {
        Self { may_have_landed: true, ..Self::new(Ended::Final(ErrorKind::Interrupted), INTERRUPTED) }
    }

    /// Returns the error that a caller sees when nothing more is tried.
    pub(crate) fn into_error(self) -> Error {
        let (kind, is_retryable) = match self.ended {
            Ended::Final(kind) => (kind, false),
            Ended::Refused | Ended::Lost | Ended::Passing => (ErrorKind::Unavailable, true),
        };
        let error = Error::new(kind, self.message).retryable(is_retryable);
        match self.advice {
            Some(advice) => error.advise(advice),
            None => error,
        }
    }
}
