//! Compression around another payload IO.

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use crate::StepResult;
use crate::io::{PayloadIo, Source, Target};

/// Compresses what another payload IO writes: `Zstd<Npy>` stores arrays in `.npy.zst` files.
///
/// The files are plain [Zstandard](https://facebook.github.io/zstd) frames with a checksum. `zstd -d` turns them into
/// what the inner payload IO wrote. The inner payload IO must write one file, not a folder. A compressed payload can't
/// be mapped into memory: it is unpacked when it is loaded.
///
/// ```
/// # use persistable::StepResult;
/// use persistable::io::{PayloadIo, Text, Zstd};
///
/// let io = Zstd::new(Text).level(19);
/// assert_eq!((io.name(), io.suffix()), ("text+zstd".into(), ".txt.zst".into()));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Zstd<I> {
    inner: I,
    level: i32,
}

const NAME: &str = "+zstd";
const SUFFIX: &str = ".zst";

impl<I> Zstd<I> {
    /// Compresses what `inner` writes.
    pub fn new(inner: I) -> Self {
        Self { inner, level: zstd::DEFAULT_COMPRESSION_LEVEL }
    }

    /// Sets the compression level: 1 is fast, 3 is the default, 22 is the smallest. Other levels become the nearest of
    /// these.
    #[must_use]
    pub fn level(mut self, level: i32) -> Self {
        self.level = level;
        self
    }

    /// Returns the payload IO whose files are compressed.
    pub fn inner(&self) -> &I {
        &self.inner
    }
}

impl<P, I: PayloadIo<P>> PayloadIo<P> for Zstd<I> {
    fn name(&self) -> String {
        self.inner.name() + NAME
    }

    fn version(&self) -> u32 {
        self.inner.version()
    }

    fn suffix(&self) -> String {
        self.inner.suffix() + SUFFIX
    }

    fn reads(&self, name: &str, version: u32) -> bool {
        name.strip_suffix(NAME).is_some_and(|inner| self.inner.reads(inner, version))
    }

    fn runs_code(&self) -> bool {
        self.inner.runs_code()
    }

    fn payload_shape(&self) -> Option<String> {
        self.inner.payload_shape()
    }

    fn reads_shape(&self, recorded: &str) -> Result<(), String> {
        self.inner.reads_shape(recorded)
    }

    fn save(&self, payload: &P, target: &mut Target<'_>) -> StepResult<()> {
        let mut encoder = Encoder::new(target.writer()?, self.level)?;
        encoder.include_checksum(true)?;
        let mut inner = Target::within(&mut encoder, self.inner.suffix());
        self.inner.save(payload, &mut inner)?;
        inner.finish()?;
        encoder.finish()?;
        Ok(())
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<P> {
        let packed = source.bytes()?;
        let unpack = || unpack(&packed).map_err(|error| format!("the stored bytes can't be unpacked: {error}").into());
        self.inner.load(&mut Source::within(unpack, self.inner.suffix()))
    }
}

/// Unpacks one frame. Memory grows with what comes out, whatever the frame claims.
fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    if packed.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "there are none"));
    }
    let mut decoder = Decoder::with_buffer(packed)?.single_frame();
    let mut unpacked = Vec::new();
    decoder.read_to_end(&mut unpacked)?;
    match decoder.finish().len() {
        0 => Ok(unpacked),
        rest => Err(io::Error::new(io::ErrorKind::InvalidData, format!("{rest} bytes are left over after the frame"))),
    }
}
