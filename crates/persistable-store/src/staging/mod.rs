//! Payloads on their way into a store.

mod buffered;
mod stage;
mod writer;

use std::io::Write;
use std::path::{Path, PathBuf};

pub use buffered::Buffered;
pub use stage::Stage;

use crate::error::Result;
use crate::format::{ArtifactId, Content};
use crate::location::Identity;
use crate::settings::Durability;
use crate::tree::{WROTE_NOTHING, invalid};
use writer::DigestWriter;

/// A payload being written: either streamed through [`writer`](Self::writer), or written by its [`path`](Self::path).
///
/// Nothing of it is visible in the store before [`Store::publish`](crate::Store::publish). Dropped before that, it leaves
/// nothing behind.
#[derive(Debug)]
pub struct Staging {
    id: ArtifactId,
    identity: Identity,
    /// The payload's file name in the store.
    file: String,
    writer: DigestWriter,
    written_by: WrittenBy,
    durability: Durability,
}

/// How the payload is written.
#[derive(Debug)]
enum WrittenBy {
    NotYet,
    Streamed,
    ByPath(PathBuf),
}

impl Staging {
    pub(crate) fn new(
        id: &ArtifactId,
        identity: Identity,
        file: String,
        stage: Box<dyn Stage>,
        durability: Durability,
    ) -> Self {
        Self {
            id: id.clone(),
            identity,
            file,
            writer: DigestWriter::new(stage),
            written_by: WrittenBy::NotYet,
            durability,
        }
    }

    /// Whether this was begun under a lease of that artifact in that store.
    pub(crate) fn is_of(&self, id: &ArtifactId, identity: Identity) -> bool {
        self.id == *id && self.identity == identity
    }

    /// Returns a writer for a payload of one file. Bytes are digested on the way.
    ///
    /// # Errors
    ///
    /// When the staging file can't be created.
    pub fn writer(&mut self) -> Result<&mut (dyn Write + Send)> {
        match self.written_by {
            WrittenBy::Streamed => {}
            WrittenBy::ByPath(_) => {
                return Err(invalid("it is being written by its path, and can't be written through a writer as well"));
            }
            WrittenBy::NotYet => {
                self.writer.stage_mut().begin()?;
                self.written_by = WrittenBy::Streamed;
            }
        }
        Ok(&mut self.writer)
    }

    /// Returns the path at which to write one file, or to create one folder of files.
    ///
    /// Its name is the one that the payload will have in the store. Nothing else may be left beside it.
    ///
    /// # Errors
    ///
    /// When no staging folder can be created, or the payload is already being written through [`writer`](Self::writer).
    pub fn path(&mut self) -> Result<&Path> {
        if matches!(self.written_by, WrittenBy::Streamed) {
            return Err(invalid("it is being written through a writer, and can't be written by its path as well"));
        }
        if matches!(self.written_by, WrittenBy::NotYet) {
            self.written_by = WrittenBy::ByPath(self.writer.stage_mut().folder()?.join(&self.file));
        }
        match &self.written_by {
            WrittenBy::ByPath(path) => Ok(path),
            WrittenBy::NotYet | WrittenBy::Streamed => Ok(Path::new(&self.file)),
        }
    }

    /// Returns where on disk the payload is being written, once that has begun.
    #[must_use]
    pub fn place(&self) -> Option<&Path> {
        match &self.written_by {
            WrittenBy::NotYet => None,
            WrittenBy::Streamed => self.writer.stage().path(),
            WrittenBy::ByPath(path) => Some(path),
        }
    }

    /// Completes the payload: checks that there is exactly one, and digests it.
    pub(crate) fn finish(self) -> Result<Staged> {
        let Self { file, writer, written_by, durability, .. } = self;
        let (stage, content) = match written_by {
            WrittenBy::NotYet => return Err(invalid(WROTE_NOTHING)),
            WrittenBy::Streamed => writer.finish()?,
            WrittenBy::ByPath(path) => {
                let mut stage = writer.into_stage();
                let content = stage.take_in(&path)?;
                (stage, content)
            }
        };
        Ok(Staged { file, content, stage, durability })
    }
}

/// A payload that is complete.
pub(crate) struct Staged {
    pub file: String,
    pub content: Content,
    pub stage: Box<dyn Stage>,
    pub durability: Durability,
}
