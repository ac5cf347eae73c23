//! Making durable together what was written to a data folder: by one call for its whole file system, or file by file.
//!
//! The one call also waits for what other programs wrote. If they wrote much, it takes less time to sync our files one by one.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use persistable_base::sync::thread;

use super::find::manifest_bytes;
use super::root::Root;
use crate::error::{Context, Result};
use crate::format::{ArtifactId, Manifest};
use crate::group_sync::GroupSync;

/// So many threads sync files at the same time: the file system commits once for syncs that come together.
const THREADS: usize = 8;
/// So many files are open at the same time.
const MOST_OPEN: usize = 128;

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
    fn sync(&self, written: &[&ArtifactId]) -> Result<()> {
        let medium = self.root.medium();
        if medium.is_quicker_one_by_one(&self.folder, 2 * written.len())
            && let Some(files) = self.files_of(written)?
        {
            files.chunks(MOST_OPEN).try_for_each(|files| self.sync_files(files))?;
            return self.root.sync();
        }
        medium.sync_all(&self.folder).context("sync", self.root.path())
    }
}

impl FileSystem {
    /// Returns the files of artifacts, if each artifact has one payload file and its manifest tells which.
    fn files_of(&self, written: &[&ArtifactId]) -> Result<Option<Vec<PathBuf>>> {
        let mut files = Vec::with_capacity(2 * written.len());
        for id in written {
            let Some(bytes) = manifest_bytes(&self.root, id.stem())? else { return Ok(None) };
            let Ok(manifest) = Manifest::parse(&bytes) else { return Ok(None) };
            if manifest.payload.files.is_some() || !manifest.alternatives.is_empty() {
                return Ok(None);
            }
            files.push(self.root.join(&manifest.payload.file));
            files.push(self.root.manifest_path(id.stem()));
        }
        Ok(Some(files))
    }

    fn sync_files(&self, paths: &[PathBuf]) -> Result<()> {
        let medium = self.root.medium();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let file = medium.open(path).context("open", path)?;
            medium.begin_to_sync(&file, 0, file.metadata().context("look at", path)?.len());
            files.push((file, path));
        }
        let next = AtomicUsize::new(0);
        let sync = || -> Result<()> {
            while let Some((file, path)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                medium.sync_file(file).context("sync", path)?;
            }
            Ok(())
        };
        thread::scope(|scope| {
            // Fewer threads are enough, where no more can be had.
            let others: Vec<_> =
                (1..THREADS.min(files.len())).map_while(|_| thread::spawn_scoped(scope, sync).ok()).collect();
            let synced = sync();
            let join = |other: thread::ScopedJoinHandle<'_, Result<()>>| {
                other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            others.into_iter().map(join).fold(synced, Result::and)
        })
    }
}
