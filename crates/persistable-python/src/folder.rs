//! Data folders and other stores, opened once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use persistable::store::Store;
use pyo3::exceptions::PyOSError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::errors;
use crate::store::{handed, handed_anew};

/// A data folder or another store, as a step's `data_dir` named it.
///
/// A relative path is taken once, against the folder that is current then: the step stays where it was made.
pub(crate) struct Folder {
    /// The very object that named the folder.
    data_dir: Py<PyAny>,
    state: FolderState,
}

enum FolderState {
    /// It was opened, and created where it was missing. The steps of a folder share one.
    Opened { named: PathBuf, store: Store },
    /// It was named and not used yet.
    Noted(PathBuf),
    /// The step is a copy, or came out of a pickle: this is where the folder of the original is.
    OfOriginal(PathBuf),
    /// A `persistable.Store` named it, which is more than a folder. It is open.
    Handed(Store),
}

/// What was opened last: a pipeline gives all of its steps the same object.
static LAST: Mutex<Option<Arc<Folder>>> = Mutex::new(None);

impl Folder {
    /// Opens a folder, creating it with its parents where it is missing. One that was opened last is open already.
    pub(crate) fn open(data_dir: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        if let Some(last) = last_opened(data_dir) {
            return Ok(last);
        }
        let opened = match handed(data_dir)? {
            Some(store) => Self::handed(data_dir, store),
            None => Self::open_at(data_dir, data_dir.extract()?)?,
        };
        let opened = Arc::new(opened);
        let is_kept = match &opened.state {
            // What a relative path means changes with the current folder.
            FolderState::Opened { named, .. } => named.is_absolute(),
            FolderState::Handed(_) => true,
            FolderState::Noted(_) | FolderState::OfOriginal(_) => false,
        };
        if is_kept && let Ok(mut last) = LAST.try_lock() {
            let earlier = last.replace(Arc::clone(&opened));
            drop(last); // Dropping an object may run Python code, which may come back here.
            drop(earlier);
        }
        Ok(opened)
    }

    fn handed(data_dir: &Bound<'_, PyAny>, store: Store) -> Self {
        Self { data_dir: data_dir.clone().unbind(), state: FolderState::Handed(store) }
    }

    /// Notes a folder that a path names now. Opens and creates nothing.
    pub(crate) fn note(data_dir: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Some(store) = handed(data_dir)? {
            return Ok(Self::handed(data_dir, store));
        }
        let path = std::path::absolute(data_dir.extract::<PathBuf>()?)?;
        Ok(Self { data_dir: data_dir.clone().unbind(), state: FolderState::Noted(path) })
    }

    /// The folder of the original, for a copy.
    pub(crate) fn of_original(data_dir: Py<PyAny>, folder: PathBuf) -> Self {
        Self { data_dir, state: FolderState::OfOriginal(folder) }
    }

    /// Returns what a copy gets: the object that named the folder, and where that is. A `persistable.Store` knows it by itself.
    pub(crate) fn for_copies<'py>(&self, py: Python<'py>) -> Option<(Bound<'py, PyAny>, PathBuf)> {
        match &self.state {
            FolderState::Handed(_) => None,
            _ => Some((self.data_dir.bind(py).clone(), self.path()?.to_path_buf())),
        }
    }

    /// Shows the garbage collector the object that named the folder.
    pub(crate) fn visit(self: &Arc<Self>, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // If several steps share the folder, each would show the one reference, and the collector would count too many.
        if Arc::strong_count(self) == 1 { visit.call(&self.data_dir) } else { Ok(()) }
    }

    /// Whether nothing was opened yet.
    pub(crate) fn is_noted(&self) -> bool {
        matches!(self.state, FolderState::Noted(_))
    }

    /// Whether this is where the folder of the original is.
    pub(crate) fn is_of_original(&self) -> bool {
        matches!(self.state, FolderState::OfOriginal(_))
    }

    /// Returns the store, where it is open.
    pub(crate) fn store(&self) -> Option<&Store> {
        match &self.state {
            FolderState::Opened { store, .. } | FolderState::Handed(store) => Some(store),
            FolderState::Noted(_) | FolderState::OfOriginal(_) => None,
        }
    }

    /// Whether the object still names the folder.
    pub(crate) fn is_of(&self, data_dir: &Bound<'_, PyAny>) -> bool {
        self.data_dir.is(data_dir)
    }

    /// Where the folder is, from the root on; `None` for a store that is not a folder.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.state {
            FolderState::Opened { named, store } => Some(store.path().unwrap_or(named)),
            FolderState::Noted(path) | FolderState::OfOriginal(path) => Some(path),
            FolderState::Handed(store) => store.path(),
        }
    }

    /// Whether the folder was removed since it was opened.
    pub(crate) fn is_gone(&self) -> bool {
        self.path().is_some_and(|path| !path.is_dir())
    }

    /// Opens what this names, also if it was removed since it was opened.
    pub(crate) fn opened(&self, data_dir: &Bound<'_, PyAny>) -> PyResult<Self> {
        match (&self.state, self.path()) {
            (FolderState::Handed(_), _) | (_, None) => Ok(Self::handed(data_dir, handed_anew(data_dir)?)),
            (_, Some(path)) => Self::open_at(data_dir, path.to_path_buf()),
        }
    }

    /// Opens the folder at a path.
    fn open_at(data_dir: &Bound<'_, PyAny>, named: PathBuf) -> PyResult<Self> {
        let py = data_dir.py();
        if named.as_os_str().is_empty() {
            return Err(PyOSError::new_err("the data folder has no name"));
        }
        let store = py.detach(|| Store::create(named.clone())).map_err(|error| errors::of_store(py, &error))?;
        Ok(Self { data_dir: data_dir.clone().unbind(), state: FolderState::Opened { named, store } })
    }
}

/// Returns the store that was opened last, if the same object named it and its folder is still there.
fn last_opened(data_dir: &Bound<'_, PyAny>) -> Option<Arc<Folder>> {
    // Never waits: a thread that does not live in a forked child may have held the lock.
    let last = Arc::clone(LAST.try_lock().ok()?.as_ref()?);
    let is_there = last.is_of(data_dir)
        && match &last.state {
            FolderState::Opened { named, .. } => data_dir.py().detach(|| named.is_dir()),
            _ => !last.is_gone(),
        };
    is_there.then_some(last)
}
