//! Where a payload IO writes to.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use persistable_store::{Staging, WROTE_NOTHING};

use crate::StepResult;
use crate::io::support::scratch::Scratch;

/// Takes the bytes of one payload: streamed through [`writer`](Self::writer), or written by [`path`](Self::path).
pub struct Target<'a>(Destination<'a>);

enum Destination<'a> {
    Store(&'a mut Staging),
    Writer { writer: &'a mut (dyn Write + Send), suffix: String, used: bool, scratch: Option<Scratch> },
}

impl<'a> Target<'a> {
    pub(crate) fn new(staging: &'a mut Staging) -> Self {
        Self(Destination::Store(staging))
    }

    /// Creates a target whose bytes go to a writer. Use it for a payload IO around another one, and to test your own.
    ///
    /// ```
    /// # use persistable::StepResult;
    /// use persistable::io::{Bytes, PayloadIo, Source, Target};
    ///
    /// # fn main() -> StepResult<()> {
    /// let mut written = Vec::new();
    /// let mut target = Target::within(&mut written, ".bin");
    /// Bytes.save(&vec![1, 2, 3], &mut target)?;
    /// target.finish()?;
    ///
    /// let loaded: Vec<u8> = Bytes.load(&mut Source::within(|| Ok(written.clone()), ".bin"))?;
    /// assert_eq!(loaded, [1, 2, 3]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn within(writer: &'a mut (dyn Write + Send), suffix: impl Into<String>) -> Self {
        Self(Destination::Writer { writer, suffix: suffix.into(), used: false, scratch: None })
    }

    /// Returns a writer for a payload of one file. Its bytes are digested on the way; it buffers small writes.
    ///
    /// # Errors
    ///
    /// If the staging file can't be created, or if [`path`](Self::path) was used.
    pub fn writer(&mut self) -> StepResult<&mut (dyn Write + Send)> {
        match &mut self.0 {
            Destination::Store(staging) => Ok(staging.writer()?),
            Destination::Writer { scratch: Some(_), .. } => {
                Err("the payload is being written by its path, and can't be written through a writer as well".into())
            }
            Destination::Writer { writer, used, .. } => {
                *used = true;
                Ok(&mut **writer)
            }
        }
    }

    /// Returns the path at which to write one file, or to create one folder of files. It ends in the suffix.
    ///
    /// # Errors
    ///
    /// If the staging folder can't be created, or if [`writer`](Self::writer) was used.
    pub fn path(&mut self) -> StepResult<&Path> {
        match &mut self.0 {
            Destination::Store(staging) => Ok(staging.path()?),
            Destination::Writer { used: true, .. } => {
                Err("the payload is being written through a writer, and can't be written by its path as well".into())
            }
            Destination::Writer { suffix, scratch, .. } => {
                let ready = match scratch.take() {
                    Some(scratch) => scratch,
                    None => Scratch::new(suffix)?,
                };
                Ok(scratch.insert(ready).path())
            }
        }
    }

    /// Finishes a target [within](Self::within) a writer. If a file was written by its path, it is copied to the writer
    /// now.
    ///
    /// # Errors
    ///
    /// If nothing was written, or if a folder was written, which does not fit into one file.
    pub fn finish(self) -> StepResult<()> {
        let Destination::Writer { writer, used, scratch, .. } = self.0 else { return Ok(()) };
        match scratch {
            Some(scratch) => {
                let path = scratch.finish()?;
                std::io::copy(&mut File::open(path)?, writer)?;
                Ok(())
            }
            None if used => Ok(()),
            None => Err(WROTE_NOTHING.into()),
        }
    }
}

impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Destination::Store(staging) => f.debug_tuple("Target").field(staging).finish(),
            Destination::Writer { suffix, .. } => {
                f.debug_struct("Target").field("suffix", suffix).finish_non_exhaustive()
            }
        }
    }
}
