//! Digesting a payload while it is streamed, so that it needn't be read back.

use std::io::{self, Write};
use std::path::Path;

use super::stage::Stage;
use crate::digesting::digest_beside;
use crate::error::{Context, Result};
use crate::format::{Content, Digest};

/// Small writes are gathered up to this size.
const BUFFER_BYTES: usize = 1 << 20;
/// So much room there is for them at first.
const FIRST_BYTES: usize = 4 << 10;
/// Large writes are digested and written side by side, in slices of this size.
const SLICE_BYTES: usize = 8 << 20;

/// Digests bytes on their way to a stage.
#[derive(Debug)]
pub(super) struct DigestWriter {
    stage: Box<dyn Stage>,
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
    size_bytes: u64,
    /// Bytes that were written but whose caller was told of an error must never be published.
    failed: bool,
}

impl DigestWriter {
    pub(super) fn new(stage: Box<dyn Stage>) -> Self {
        Self { stage, hasher: blake3::Hasher::new(), buffer: Vec::new(), size_bytes: 0, failed: false }
    }

    pub(super) fn stage(&self) -> &dyn Stage {
        &*self.stage
    }

    pub(super) fn stage_mut(&mut self) -> &mut dyn Stage {
        &mut *self.stage
    }

    pub(super) fn into_stage(self) -> Box<dyn Stage> {
        self.stage
    }

    fn write_out(&mut self, bytes: &[u8]) -> io::Result<()> {
        for slice in bytes.chunks(SLICE_BYTES) {
            let written = if slice.len() < BUFFER_BYTES {
                self.hasher.update(slice);
                self.stage.write(slice)
            } else {
                digest_beside(&mut self.hasher, slice, || self.stage.write(slice))
            };
            if let Err(error) = written {
                self.failed = true;
                return Err(error);
            }
            self.size_bytes += slice.len() as u64;
        }
        Ok(())
    }

    fn write_buffer(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let written = self.write_out(&buffer);
        buffer.clear();
        self.buffer = buffer;
        written
    }

    pub(super) fn finish(mut self) -> Result<(Box<dyn Stage>, Content)> {
        let written = self.write_buffer().and_then(|()| match self.failed {
            true => Err(io::Error::other("an earlier write of this payload failed")),
            false => Ok(()),
        });
        written.context("write", self.stage.path().unwrap_or(Path::new("the payload")))?;
        let content = Content { size_bytes: self.size_bytes, digest: Digest::from_hasher(&self.hasher), files: None };
        Ok((self.stage, content))
    }
}

impl Write for DigestWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.write_buffer()?;
        }
        if bytes.len() >= BUFFER_BYTES {
            self.write_out(bytes)?;
        } else {
            if self.buffer.capacity() == 0 {
                self.buffer.reserve(FIRST_BYTES);
            }
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_buffer()
    }
}
