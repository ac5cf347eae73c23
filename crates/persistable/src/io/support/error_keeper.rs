//! Writing through another library without losing what the system said.

use std::fmt::Display;
use std::io::{self, Write};

use crate::StepResult;
use crate::io::support::problem::unwritable;

/// Keeps the I/O error that writing came upon. Formats wrap, stringify or drop such errors, and callers have to tell a
/// full disk from a payload that doesn't fit its format.
pub(in crate::io) struct ErrorKeeper<'a> {
    writer: &'a mut (dyn Write + Send),
    /// What is to be written: a library may write each number by itself.
    buffer: Vec<u8>,
    failure: Option<io::Error>,
}

/// Small writes are gathered up to this size.
const BUFFER_BYTES: usize = 4 << 10;

impl ErrorKeeper<'_> {
    fn write_out(&mut self) -> io::Result<()> {
        let written = self.writer.write_all(&self.buffer);
        self.buffer.clear();
        self.watch(written)
    }

    fn watch<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.failure.get_or_insert(error);
            kind.into()
        })
    }
}

impl Write for ErrorKeeper<'_> {
    /// Writes all of it or fails: not every library looks at how much was written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.write_out()?;
        }
        if bytes.len() < BUFFER_BYTES {
            self.buffer.extend_from_slice(bytes);
            return Ok(bytes.len());
        }
        let written = self.writer.write_all(bytes);
        self.watch(written).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_out()?;
        let flushed = self.writer.flush();
        self.watch(flushed)
    }
}

/// Lets a format's library write a payload of type `P`.
pub(in crate::io) fn write_as<P: ?Sized, E: Display>(
    format: &str,
    writer: &mut (dyn Write + Send),
    write: impl FnOnce(&mut ErrorKeeper<'_>) -> Result<(), E>,
) -> StepResult<()> {
    let mut keeper = ErrorKeeper { writer, buffer: Vec::with_capacity(BUFFER_BYTES), failure: None };
    let written = write(&mut keeper);
    let _ = keeper.write_out(); // A failure is kept.
    match keeper.failure {
        Some(failure) => Err(failure.into()),
        None => written.map_err(|error| unwritable::<P>(format, error)),
    }
}
