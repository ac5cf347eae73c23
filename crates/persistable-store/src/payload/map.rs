//! Files mapped into memory.

#![allow(unsafe_code, reason = "mapping a file is unsafe by nature; this is the one place that does it")]

use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};

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

/// A file's bytes, mapped copy-on-write: what is written to them changes memory, and never the file.
///
/// They stay valid, and unchanged by others, when the artifact is replaced or removed meanwhile.
#[derive(Debug)]
pub struct MappedCopy(memmap2::MmapMut);

impl MappedCopy {
    pub(crate) fn new(file: &File) -> io::Result<Self> {
        // SAFETY: as above for the pages that were not written to; those that were are this process's own. The file is
        // mapped privately, so that no write reaches it.
        let map = unsafe { memmap2::MmapOptions::new().no_reserve_swap().map_copy(file)? };
        Ok(Self(map))
    }
}

impl Deref for MappedCopy {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for MappedCopy {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
