//! Writing through another library without losing what the system said.

use std::fmt::Display;
use std::io::{self, Write};

use crate::StepResult;
use crate::io::support::problem::unwritable;

/// Keeps the I/O error that writing came upon. Formats wrap, stringify or drop such errors, and callers have to tell a
/// full disk from a payload that doesn't fit its format.
pub(in crate::io) struct Watched<'a> {
    writer: &'a mut (dyn Write + Send),
    failure: Option<io::Error>,
}

impl Watched<'_> {
    fn watch<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.failure.get_or_insert(error);
            kind.into()
        })
    }
}

impl Write for Watched<'_> {
    /// Writes all of it or fails: not every library looks at how much was written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write_all(bytes);
        self.watch(written).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.writer.flush();
        self.watch(flushed)
    }
}

/// Lets a format's library write a payload of type `P`.
pub(in crate::io) fn write_as<P: ?Sized, E: Display>(
    format: &str,
    writer: &mut (dyn Write + Send),
    write: impl FnOnce(&mut Watched<'_>) -> Result<(), E>,
) -> StepResult<()> {
    let mut watched = Watched { writer, failure: None };
    let written = write(&mut watched);
    match watched.failure {
        Some(failure) => Err(failure.into()),
        None => written.map_err(|error| unwritable::<P>(format, error)),
    }
}
