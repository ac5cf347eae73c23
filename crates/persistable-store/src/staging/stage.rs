//! What a kind of store has to do with a payload that is being written.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::format::Content;
use crate::publication::{Committed, Publication};

/// A payload that is being written, as a kind of store keeps it. Nobody sees it before it is published. Dropped before that, it
/// leaves nothing behind.
pub trait Stage: fmt::Debug + Send + Sync {
    /// Begins a payload of one file, whose bytes come through [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// Those of creating it.
    fn begin(&mut self) -> Result<()>;

    /// Appends all of these bytes to the file.
    ///
    /// # Errors
    ///
    /// Those of writing. After one, nothing of the payload is ever published.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns where on the local disk the file is, where it is there.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// Makes a folder on the local disk, in which a payload is written by its path. Nobody else can write there.
    ///
    /// # Errors
    ///
    /// Those of making it; then it may be asked for again.
    fn folder(&mut self) -> Result<PathBuf>;

    /// Takes in the payload that was written to that folder, and describes it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidPayload`](crate::ErrorKind::InvalidPayload) when there is not exactly one, and those of reading.
    fn take_in(&mut self, path: &Path) -> Result<Content>;

    /// Publishes the payload with its manifest, in place of the one that is [expected](Publication::expected). Whatever happens
    /// meanwhile, either the old or the new artifact is found. On return the new one is found, and is as durable as was
    /// asked for.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LeaseLost`](crate::ErrorKind::LeaseLost) where another manifest than the expected one is there: then nothing
    /// that can be seen was changed. And those of writing.
    fn publish(self: Box<Self>, publication: Publication<'_>) -> Result<Committed>;
}
