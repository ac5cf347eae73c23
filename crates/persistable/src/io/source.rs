//! Where a payload IO reads from.

use std::fmt;
use std::fs;
use std::path::Path;

use persistable_store::{PayloadBytes, PrivateBytes, StoredPayload};

use crate::StepResult;
use crate::io::support::scratch::Scratch;

/// Gives the bytes of one payload, verified.
pub struct Source<'a>(ReadFrom<'a>);

enum ReadFrom<'a> {
    Store(&'a mut StoredPayload),
    Unpacked { read: Box<dyn FnMut() -> StepResult<Vec<u8>> + 'a>, suffix: String, scratch: Option<Scratch> },
}

impl<'a> Source<'a> {
    pub(crate) fn new(stored: &'a mut StoredPayload) -> Self {
        Self(ReadFrom::Store(stored))
    }

    /// Creates a source whose bytes come from a function. Use it for a payload IO around another one, and to test your
    /// own. [`Target::within`](crate::io::Target::within) has an example.
    ///
    /// `read` is called each time when the bytes are needed, usually once.
    pub fn within(read: impl FnMut() -> StepResult<Vec<u8>> + 'a, suffix: impl Into<String>) -> Self {
        Self(ReadFrom::Unpacked { read: Box::new(read), suffix: suffix.into(), scratch: None })
    }

    /// Returns the payload's bytes, to be decoded now.
    ///
    /// # Errors
    ///
    /// If the bytes are damaged or can't be read, or if the payload is a folder.
    pub fn bytes(&mut self) -> StepResult<PayloadBytes> {
        match &mut self.0 {
            ReadFrom::Store(stored) => Ok(stored.bytes()?),
            ReadFrom::Unpacked { read, .. } => read().map(PayloadBytes::Owned),
        }
    }

    /// Returns the payload's bytes to keep and use without a copy. If possible, they are mapped. Then they begin at a
    /// page.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn map(&mut self) -> StepResult<PayloadBytes> {
        match &mut self.0 {
            ReadFrom::Store(stored) => Ok(stored.map()?),
            ReadFrom::Unpacked { .. } => self.bytes(),
        }
    }

    /// Returns the payload's bytes to keep, use and write to. Writing changes only memory and never the file. If it is
    /// possible and worth it, they are mapped copy-on-write. Then they begin at a page.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn map_private(&mut self) -> StepResult<PrivateBytes> {
        match &mut self.0 {
            ReadFrom::Store(stored) => Ok(stored.map_private()?),
            ReadFrom::Unpacked { read, .. } => read().map(PrivateBytes::Owned),
        }
    }

    /// Returns the path of the payload's file or folder. Read it, and do not change it. The file may be removed when
    /// the source is dropped.
    ///
    /// # Errors
    ///
    /// If the payload is damaged or can't be read.
    pub fn path(&mut self) -> StepResult<&Path> {
        match &mut self.0 {
            ReadFrom::Store(stored) => Ok(stored.path()?),
            ReadFrom::Unpacked { read, suffix, scratch } => {
                let ready = match scratch.take() {
                    Some(scratch) => scratch,
                    None => {
                        let new = Scratch::new(suffix)?;
                        fs::write(new.path(), read()?)?;
                        new
                    }
                };
                Ok(scratch.insert(ready).path())
            }
        }
    }
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ReadFrom::Store(stored) => f.debug_tuple("Source").field(stored).finish(),
            ReadFrom::Unpacked { suffix, .. } => {
                f.debug_struct("Source").field("suffix", suffix).finish_non_exhaustive()
            }
        }
    }
}
