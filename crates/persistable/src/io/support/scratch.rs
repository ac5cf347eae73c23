//! Files for payload IOs that insist on a path, where there is none.

use std::fs;
use std::path::{Path, PathBuf};

use persistable_store::WROTE_NOTHING;
use tempfile::TempDir;

use crate::StepResult;

/// A place for one file among the system's temporary ones, removed when dropped.
#[derive(Debug)]
pub(in crate::io) struct Scratch {
    path: PathBuf,
    folder: TempDir,
}

impl Scratch {
    pub(in crate::io) fn new(suffix: &str) -> StepResult<Self> {
        let folder = tempfile::Builder::new().prefix("persistable-").tempdir()?;
        Ok(Self { path: folder.path().join(format!("payload{suffix}")), folder })
    }

    pub(in crate::io) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path once exactly the one file was written.
    pub(in crate::io) fn finish(&self) -> StepResult<&Path> {
        let entries = fs::read_dir(self.folder.path())?.collect::<Result<Vec<_>, _>>()?;
        match entries.as_slice() {
            [] => Err(WROTE_NOTHING.into()),
            [entry] if entry.path() == self.path => {
                if entry.file_type()?.is_file() {
                    return Ok(&self.path);
                }
                Err("the payload IO wrote a folder, which can't be kept within one file: use it by itself".into())
            }
            _ => Err("the payload IO wrote more than the one file it was asked for".into()),
        }
    }
}
