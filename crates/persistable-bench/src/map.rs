//! Mapping a file by hand: the floor of mapped payloads.

#![allow(unsafe_code, reason = "mapping a file is unsafe by nature; this is the one place that does it")]

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::result::Result;

pub(crate) fn map(path: &Path) -> Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the file is one that this program has just made, in a folder of its own, and nobody changes it.
    Ok(unsafe { Mmap::map(&file)? })
}
