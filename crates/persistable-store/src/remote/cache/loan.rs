//! Payloads of the cache that are read by their path: links that no eviction removes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use persistable_base::sync::process;

use super::folder::{create_file, create_private, create_unique_in, names_in};

/// A payload under its own file name, until this is dropped.
#[derive(Debug)]
pub(crate) struct Loan {
    folder: PathBuf,
    path: PathBuf,
    process: u32,
    /// Locked as long as this lives.
    _lock: Option<File>,
}

impl Loan {
    /// Links a file, or all files of a folder, under a name in a new folder.
    pub(super) fn new(loans: &Path, payload: &Path, name: &str) -> io::Result<Self> {
        let (folder, lock) = create_unique_in(loans, "loan", "lock")?;
        let inner = folder.join("payload");
        let loan = Self { path: inner.join(name), folder, process: process::id(), _lock: lock };
        create_private(&inner)?;
        link_tree(payload, &loan.path)?;
        Ok(loan)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but the folder is its parent's.
        if self.process == process::id() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn link_tree(from: &Path, to: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(from)?.is_dir() {
        return fs::hard_link(from, to).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Err(error),
            // Not every file system has links.
            _ => io::copy(&mut File::open(from)?, &mut create_file(to)?).map(drop),
        });
    }
    create_private(to)?;
    for name in names_in(from) {
        link_tree(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}
