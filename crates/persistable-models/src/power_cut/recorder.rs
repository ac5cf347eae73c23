//! A layer that writes down what a store does to its data folder.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use persistable_store::medium::{Medium as _, System};

use super::act::Act;
use super::disk::Disk;
use super::states::Moment;
use crate::layer::{Layer, Operation};

/// Writes down what is done, with all bytes.
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Debug)]
struct Recorded {
    begin: Disk,
    now: Disk,
    acts: Vec<Act>,
}

impl Recorder {
    /// Begins with what lies in a data folder.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn new(root: &Path) -> io::Result<Self> {
        let begin = Disk::of_folder(root)?;
        Ok(Self(Arc::new(Mutex::new(Recorded { now: begin.clone(), begin, acts: Vec::new() }))))
    }

    /// Returns what was done.
    #[must_use]
    pub fn acts(&self) -> Vec<Act> {
        self.recorded().acts.clone()
    }

    /// Returns the disk before all that was done, and after each act.
    ///
    /// # Errors
    ///
    /// None: each act was done once already.
    pub fn moments(&self) -> io::Result<Vec<Moment>> {
        let recorded = self.recorded();
        Moment::all(recorded.begin.clone(), &recorded.acts)
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorded {
    fn note(&mut self, act: Act) -> io::Result<()> {
        if act.paths().into_iter().all(|path| path.starts_with(self.now.root())) {
            self.now.act(&act)?;
            self.acts.push(act);
        }
        Ok(())
    }

    /// Notes what somebody made past the store: the files and folders of a payload IO that writes by a path.
    fn note_made(&mut self, path: &Path) -> io::Result<()> {
        let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
        if !path.starts_with(self.now.root()) || self.now.has(path) {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            self.note_made(folder)?;
        }
        if metadata.is_dir() {
            self.note(Act::MakeFolder { path: path.to_owned() })?;
            for entry in fs::read_dir(path)? {
                self.note_made(&entry?.path())?;
            }
            return Ok(());
        }
        self.note(Act::Open { path: path.to_owned(), is_emptied: true })?;
        self.note(Act::Append { path: path.to_owned(), data: fs::read(path)? })
    }
}

/// Returns where a file is, or what the system calls it while it has no name.
fn path_of(file: &File) -> io::Result<PathBuf> {
    let path = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    let text = path.to_string_lossy();
    Ok(text.strip_suffix(" (deleted)").map_or_else(|| path.clone(), PathBuf::from))
}

impl Layer for Recorder {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        match (operation.path, operation.file) {
            (Some(path), _) => self.recorded().note_made(path),
            (None, Some(file)) => self.recorded().note_made(&path_of(file)?),
            (None, None) => Ok(()),
        }
    }

    fn after(&self, operation: Operation<'_>) -> io::Result<()> {
        let path = match (operation.path, operation.file) {
            (Some(path), _) => path.to_owned(),
            (None, Some(file)) => path_of(file)?,
            (None, None) => return Ok(()),
        };
        let act = match (operation.name, operation.to.map(Path::to_owned)) {
            ("create", _) => Act::Open { path, is_emptied: true },
            ("open_lasting", _) => Act::Open { path, is_emptied: false },
            ("create_folder", _) => Act::MakeFolder { path },
            ("rename" | "rename_to_free" | "name", Some(to)) => Act::Rename { from: path, to },
            ("exchange", Some(b)) => Act::Exchange { a: path, b },
            ("remove_file" | "remove_folder" | "remove_tree", _) => Act::Remove { path },
            ("sync_file" | "sync_folder", _) => Act::Sync { path },
            _ => return Ok(()),
        };
        self.recorded().note(act)
    }

    fn create_unnamed(&self, folder: &Path) -> io::Result<File> {
        let file = System.create_unnamed(folder)?;
        self.recorded().note(Act::Open { path: path_of(&file)?, is_emptied: true })?;
        Ok(file)
    }

    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        let count = System.write(file, bytes)?;
        let data = bytes.get(..count).unwrap_or_default().to_vec();
        self.recorded().note(Act::Append { path: path_of(file)?, data })?;
        Ok(count)
    }
}
