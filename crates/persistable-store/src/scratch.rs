//! Folders among the system's temporary files.

use std::path::{Path, PathBuf};

use persistable_base::sync::process;

use crate::error::{Context, Result};

/// A folder of this account's own, which goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    process: u32,
}

impl Scratch {
    pub(crate) fn new() -> Result<Self> {
        let temporary = std::env::temp_dir();
        let folder = tempfile::Builder::new().prefix("persistable-").tempdir_in(&temporary);
        let path = folder.context("create a folder in", &temporary)?.keep();
        Ok(Self { path, process: process::id() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but the folder is its parent's.
        if self.process == process::id() {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
