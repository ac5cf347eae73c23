//! Making durable together what was written to a data folder: by one call for its whole file system, or file by file.
//!
//! The one call also waits for what other programs wrote. If they wrote much, it takes less time to sync our files one by one.
//!
//! While something may be written that is not durable, a note says so. Its writer has the lock of the note's name. If the writer
//! was killed, the note stays, and whoever finds it makes everything durable once.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use persistable_base::sync::thread;

use super::find::manifest_bytes;
use super::lock::Lock;
use super::root::{Root, unique_name};
use super::sweep::try_hold;
use crate::backend::{GroupSync, GroupSyncs};
use crate::error::{Context, Result};
use crate::format::{ArtifactId, Manifest};
use crate::on_disk::disk::write_new;
use crate::thread_locks::ThreadLock;

/// So many threads sync files at the same time: the file system commits once for syncs that come together.
const THREADS: usize = 8;
/// So many files are open at the same time.
const MOST_OPEN: usize = 128;

/// Has a note for each process or thread that may have written something that is not durable.
const NOTES: &str = "unsynced";

#[derive(Debug)]
struct Writing {
    files: FileSystem,
    /// The note that says so.
    note: PathBuf,
    /// Taken by who writes, and free when that one has ended.
    _hold: (Lock, ThreadLock),
}

#[derive(Debug)]
struct FileSystem {
    root: Arc<Root>,
    /// Open since before the first write: so that the system tells of each write that failed since.
    folder: File,
}

impl GroupSyncs for Arc<Root> {
    /// `None` if the file system is not known to do that, or if nobody could be told of what is not durable yet.
    fn begin(&self) -> Result<Option<Box<dyn GroupSync>>> {
        let Some(files) = FileSystem::open(self)? else { return Ok(None) };
        self.check_own_folders()?;
        let name = unique_name(NOTES);
        let Some(hold) = try_hold(self, self.identity()?, &name) else { return Ok(None) };
        let (folder, medium) = (self.own_folder(NOTES), self.medium());
        let note = folder.join(name);
        let noted = self.create_own_folder(&folder).and_then(|()| write_new(medium, &note, b""));
        Ok(noted.is_ok().then(|| Box::new(Writing { files, note, _hold: hold }) as Box<dyn GroupSync>))
    }

    fn sync_what_is_left(&self, seen: &[&ArtifactId]) -> Result<()> {
        let (folder, medium) = (self.own_folder(NOTES), self.medium());
        let notes = medium.list(&folder).unwrap_or_default();
        if notes.is_empty() || !self.is_own_folder_inside(NOTES) {
            return Ok(());
        }
        let identity = self.identity()?;
        let of_ended =
            notes.iter().filter_map(|note| Some((&note.name, try_hold(self, identity, note.name.to_str()?)?)));
        let of_ended: Vec<_> = of_ended.collect();
        let Some(files) = FileSystem::open(self)? else { return Ok(()) };
        if of_ended.is_empty() {
            // The others were not generated, or another layer has them.
            let here: Vec<_> = seen.iter().copied().filter(|id| !self.lacks_manifest(id.stem())).collect();
            return if here.is_empty() { Ok(()) } else { files.sync(&here) };
        }
        // Nobody knows what they wrote.
        files.sync_all()?;
        of_ended.iter().for_each(|(name, _)| drop(medium.remove_file(&folder.join(name))));
        Ok(())
    }
}

impl Root {
    fn lacks_manifest(&self, stem: &str) -> bool {
        let found = self.medium().metadata(&self.manifest_path(stem));
        found.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    }
}

impl GroupSync for Writing {
    fn sync(&self, written: &[&ArtifactId]) -> Result<()> {
        self.files.sync(written)
    }

    fn finish(&self) {
        // If it can't be removed, somebody makes durable what is durable.
        let _ = self.files.root.medium().remove_file(&self.note);
    }
}

impl FileSystem {
    fn open(root: &Arc<Root>) -> Result<Option<Self>> {
        let opened = root.medium().open_to_sync_all(root.path()).context("open", root.path())?;
        Ok(opened.map(|folder| Self { root: Arc::clone(root), folder }))
    }

    fn sync(&self, written: &[&ArtifactId]) -> Result<()> {
        let medium = self.root.medium();
        if medium.is_quicker_one_by_one(&self.folder, 2 * written.len())
            && let Some(files) = self.files_of(written)?
        {
            files.chunks(MOST_OPEN).try_for_each(|files| self.sync_files(files))?;
            return self.root.sync();
        }
        self.sync_all()
    }

    fn sync_all(&self) -> Result<()> {
        self.root.medium().sync_all(&self.folder).context("sync", self.root.path())
    }

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
