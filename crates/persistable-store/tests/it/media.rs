//! Media on which something happens to one operation, or that write down all of them.

use std::fs;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use persistable_models::{Layer, Layered, Operation};
use persistable_store::{Process, Result, Store};

/// Opens a store in a process of its own.
pub(crate) fn store_over(root: &Path, layer: impl Layer + 'static) -> Result<Store> {
    Store::folder_over(root, Arc::new(Layered(layer)), Box::leak(Box::new(Process::new())))
}

/// Opens a store in a process of its own, to which nothing happens.
pub(crate) fn later_process(root: &Path) -> Result<Store> {
    store_over(root, Recorder::default())
}

/// What happens to an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// The process is killed before it: nothing that it asks for is done any more.
    Killed,
    /// It fails with this error of the system.
    Error(i32),
}

/// Something happens to the nth operation.
#[derive(Clone, Debug)]
pub(crate) struct Doomed {
    fate: Fate,
    at: usize,
    asked: Arc<AtomicUsize>,
    met: Arc<Mutex<Option<String>>>,
    can_exchange: bool,
}

impl Doomed {
    pub(crate) fn new(fate: Fate, at: usize) -> Self {
        Self { fate, at, asked: Arc::default(), met: Arc::default(), can_exchange: true }
    }

    /// Lets the file system lack the exchange of two names.
    pub(crate) fn without_exchange(self) -> Self {
        Self { can_exchange: false, ..self }
    }

    /// Returns the operation that it happened to.
    pub(crate) fn met(&self) -> Option<String> {
        self.met.lock().unwrap().clone()
    }
}

impl Layer for Doomed {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        if number == self.at {
            *self.met.lock().unwrap() = Some(format!("operation {number}, {operation:?}"));
        }
        match self.fate {
            Fate::Killed if number >= self.at => Err(io::Error::other("the process was killed")),
            Fate::Error(error) if number == self.at => Err(io::Error::from_raw_os_error(error)),
            _ if operation.name == "exchange" && !self.can_exchange => Err(io::ErrorKind::InvalidInput.into()),
            _ => Ok(()),
        }
    }
}

/// What a process did that a power cut may undo. Paths are relative to the data folder; the folder itself is "".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Write(String),
    Sync(String),
    Rename { from: String, to: String },
    Remove(String),
}

/// Writes down what is done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    root: PathBuf,
    acts: Arc<Mutex<Vec<Act>>>,
}

impl Recorder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), acts: Arc::default() }
    }

    pub(crate) fn acts(&self) -> Vec<Act> {
        self.acts.lock().unwrap().clone()
    }

    fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_str().unwrap().to_owned()
    }
}

impl Layer for Recorder {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        let path = || match (operation.path, operation.file) {
            (Some(path), _) => self.relative(path),
            (None, Some(file)) => self.relative(&fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap()),
            (None, None) => panic!("{operation:?} is about nothing"),
        };
        let act = match operation.name {
            "write" => Act::Write(path()),
            "sync_file" | "sync_folder" => Act::Sync(path()),
            "rename" | "rename_to_free" | "exchange" | "name" => {
                Act::Rename { from: path(), to: self.relative(operation.to.unwrap()) }
            }
            "remove_file" | "remove_folder" | "remove_tree" => Act::Remove(path()),
            _ => return Ok(()),
        };
        self.acts.lock().unwrap().push(act);
        Ok(())
    }
}
