//! Making durable together what was written to a data folder: by one call for its whole file system.

use std::fs::File;
use std::sync::Arc;

use super::root::Root;
use crate::error::{Context, Result};
use crate::group_sync::GroupSync;

#[derive(Debug)]
struct FileSystem {
    root: Arc<Root>,
    /// Open since before the first write: so that the system tells of each write that failed since.
    folder: File,
}

/// Returns what makes durable what is written from now on; `None` where the file system is not known to do that.
pub(super) fn of(root: &Arc<Root>) -> Result<Option<Box<dyn GroupSync>>> {
    let opened = root.medium().open_to_sync_all(root.path()).context("open", root.path())?;
    Ok(opened.map(|folder| Box::new(FileSystem { root: Arc::clone(root), folder }) as Box<dyn GroupSync>))
}

impl GroupSync for FileSystem {
    fn sync(&self) -> Result<()> {
        self.root.medium().sync_all(&self.folder).context("sync", self.root.path())
    }
}
