//! The system's folder for temporary files, through which payloads are read without a cache.

use std::fs::File;
use std::path::Path;

use super::super::cache::Failed;
use crate::error::{Context, Error, Result};

/// Opens a file that has no name.
pub(super) fn temporary_file() -> Result<File> {
    tempfile::tempfile().context("create a file in", &std::env::temp_dir())
}

/// Says why a download into a folder failed. If it is the folder, it says what to do.
pub(super) fn explained(failed: Failed, folder: &Path) -> Error {
    let error = match failed {
        Failed::Store(error) => return error,
        Failed::Disk(error) => error,
    };
    let advice =
        "The payload is read by way of this folder. Make room, choose another folder by TMPDIR, or choose a cache";
    error.advise(advice).at(folder)
}
