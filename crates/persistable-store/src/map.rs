//! Files mapped into memory.

#![allow(unsafe_code, reason = "mapping a file is unsafe by nature; this is the one place that does it")]

use std::fs::File;
use std::io;
use std::ops::Deref;

/// A file's bytes, mapped read-only.
///
/// The bytes stay valid and unchanged when the artifact is replaced or removed meanwhile.
#[derive(Debug)]
pub struct Mapped(Option<memmap2::Mmap>);

impl Mapped {
    pub(crate) fn new(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self(None)); // Nothing can't be mapped.
        }
        // SAFETY: a mapping is sound as long as nobody changes or truncates the file. This crate never writes to a
        // committed file: artifacts are replaced by renaming another file over the name, which leaves this inode as it is.
        // A program other than this one that writes into a store's files breaks that; `spec/artifact-v1.md` forbids it.
        let map = unsafe { memmap2::Mmap::map(file)? };
        Ok(Self(Some(map)))
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}
