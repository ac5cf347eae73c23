//! The trait, and what its verbs take and return.

use std::fmt;
use std::fs::File;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::Duration;

use crate::can::Can;
use crate::error::Result;

/// A place that keeps objects: bytes under names.
///
/// # Contract
///
/// - A name is `/`-separated, like `folder/name(0f…)`. It has no empty part, no `.`, no `..` and no control character. Where
///   `a` is an object, `a/b` must not be one: over SFTP, `a` would have to be a file and a folder.
/// - An object is seen whole or not at all. What was put before a call began is found by that call.
/// - What is missing is [`Got::Absent`], `None` or nothing, and never an error. A denied request is an error, and never a miss.
/// - A conditional [`put`](Self::put) is atomic: of several with one condition, one succeeds. If the store can't do that, the
///   put fails as [`Unsupported`](crate::ErrorKind::Unsupported), and changes nothing.
/// - **Each body that is put on a condition must hold a fresh random value** (a "write id"). Then equal bytes mean the same
///   write. If an answer is lost, the store reads the object again and knows whether its own write landed.
/// - All verbs block. They retry what can be retried. They end early with
///   [`Interrupted`](crate::ErrorKind::Interrupted) if the caller's function says so.
/// - Several threads may call any verb at once. A forked child may use its parent's value.
pub trait Objects: Send + Sync + fmt::Debug {
    /// Returns the URL of the store, without credentials and without options. It names the store in errors.
    fn location(&self) -> &str;

    /// Whether nothing can be written, whoever asks. No request is sent.
    fn is_read_only(&self) -> bool {
        false
    }

    /// Returns what the store can do. The first call may probe it with a few requests, which write and delete an object.
    ///
    /// # Errors
    ///
    /// Those of writing.
    fn can(&self) -> Result<Can>;

    /// Returns an object, with one request. With `unless`, an object that still has this version is not sent again.
    ///
    /// # Errors
    ///
    /// Those of reading.
    fn get(&self, name: &str, unless: Option<&Version>) -> Result<Got>;

    /// Returns some bytes of an object, fewer if it ends before; `None` where there is no object.
    ///
    /// # Errors
    ///
    /// Those of reading.
    fn get_range(&self, name: &str, range: Range<u64>) -> Result<Option<Vec<u8>>>;

    /// Copies an object into a local file, from its position 0 on, by concurrent requests for ranges. The file's length is set.
    /// It is not synced. `None` where there is no object.
    ///
    /// # Errors
    ///
    /// Those of reading, and of writing the file. The file may then have any content.
    fn fetch(&self, name: &str, to: &File) -> Result<Option<Fetched>>;

    /// Puts bytes under a name, with one request if all goes well.
    ///
    /// # Errors
    ///
    /// Those of writing. [`is_outcome_unknown`](crate::Error::is_outcome_unknown) tells whether it may have happened.
    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put>;

    /// Puts the content of a local file under a name. A large file goes in parts, several at once, in bounded memory.
    ///
    /// `begun` is told the id of an upload in parts before the first part is sent. If this process dies, another one can
    /// [`abort`](Self::abort) the upload. After an error the upload is aborted here.
    ///
    /// Only Amazon, SFTP and memory take a file of more than one part on a condition. Others fail as
    /// [`Unsupported`](crate::ErrorKind::Unsupported). Put such a file under a fresh name, without a condition.
    ///
    /// # Errors
    ///
    /// Those of writing, of reading the file, and those of `begun`.
    fn upload(
        &self,
        name: &str,
        file: &File,
        only: &Only,
        begun: &mut dyn FnMut(&UploadId) -> Result<()>,
    ) -> Result<Put>;

    /// Aborts an upload that somebody left behind. The service deletes its parts. An unknown upload is not an error.
    ///
    /// The upload can't be finished any more. Only Azure has no such request: it deletes the parts by itself after a week.
    ///
    /// # Errors
    ///
    /// Those of writing.
    fn abort(&self, name: &str, upload: &UploadId) -> Result<()>;

    /// Deletes objects, many with one request where the service can. A missing object is not an error.
    ///
    /// # Errors
    ///
    /// Those of writing. Some of the objects may be deleted then.
    fn delete(&self, names: &[&str]) -> Result<()>;

    /// Lists the objects whose names begin with `prefix` (any text), in the order of their names' bytes, those after `after`.
    /// Hands them to `each` in batches, until it breaks. What is put or deleted meanwhile may be among them.
    ///
    /// # Errors
    ///
    /// Those of listing.
    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        each: &mut dyn FnMut(Vec<ListedObject>) -> ControlFlow<()>,
    ) -> Result<()>;

    /// Deletes what killed processes left in a folder (nothing, or a text that ends with `/`) that is not an object: over SFTP,
    /// files under temporary names that nobody has written to for an hour. Elsewhere there is nothing of that kind.
    ///
    /// # Errors
    ///
    /// Those of writing.
    fn sweep(&self, _folder: &str) -> Result<()> {
        Ok(())
    }

    /// Deletes what killed processes left in the folders whose names begin with `prefix` that is not an object, with the folders.
    /// Nobody may be using such a name: what a process is writing there at this moment may have to be written again.
    ///
    /// # Errors
    ///
    /// Those of writing.
    fn clear(&self, _prefix: &str) -> Result<()> {
        Ok(())
    }
}

/// Which write an object holds. Two versions are equal only if both came from the same write, or from equal bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(Arc<str>);

impl Version {
    /// Makes a version of the service's own word for it.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the service's own word for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({})", self.0)
    }
}

/// How a look at an object ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// There is no such object.
    Absent,
    /// It still has the version that the caller knows.
    Same,
    /// This is the object.
    Found(Object),
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// All its bytes.
    pub bytes: Vec<u8>,
    /// Its version.
    pub version: Version,
    /// How long ago it was written, by the server's own clock, to a second or two; `None` where the server does not tell.
    pub age: Option<Duration>,
}

/// An object that was copied into a local file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// How many bytes it has.
    pub size: u64,
    /// Its version, the same for all ranges.
    pub version: Version,
}

/// On which condition to put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Only {
    /// On none: what is there is replaced.
    Always,
    /// If there is no such object.
    IfAbsent,
    /// If the object still has this version.
    IfStill(Version),
}

/// How a put ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// The object holds what was put, or did for a moment. This is its version.
    Done(Version),
    /// The condition does not hold, and nothing was changed. This is what was there a moment later; nothing is told of a file
    /// that was uploaded in parts.
    ///
    /// In rare cases the write did land: its answer was lost, and another write took its place before the second look.
    Refused(Option<Object>),
}

/// The service's name for an upload in parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UploadId(Arc<str>);

impl UploadId {
    /// Makes an id of the text that was noted.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the text to note.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// Its name, relative to the store.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// How long ago it was written, by the server's own clock; `None` where the server does not tell.
    pub age: Option<Duration>,
    /// What changes when other bytes are put under its name; `None` where the listing does not tell. It is not a
    /// [version](Version), and can't be a condition.
    pub tag: Option<String>,
}
