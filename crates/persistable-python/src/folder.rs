//! Data folders, opened once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use persistable::ErrorKind;
use persistable::store::{PayloadName, Store};
use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::buffer::utf8_of;
use crate::errors;
use crate::handle::Handle;

/// A data folder, as a step's `data_dir` named it.
///
/// A relative path is taken once, against the folder that is current then: the step stays where it was made.
pub(crate) struct Folder {
    /// The very object that named the folder.
    data_dir: Py<PyAny>,
    state: State,
}

enum State {
    /// It was opened, and created where it was missing. The steps of a folder share one.
    Opened { named: PathBuf, store: Store },
    /// It was named and not used yet.
    Noted(PathBuf),
    /// The step is a copy, or came out of a pickle: this is where the folder of the original is.
    OfOriginal(PathBuf),
}

/// What was opened last: a pipeline gives all of its steps the same object.
static LAST: Mutex<Option<Arc<Folder>>> = Mutex::new(None);

/// Checks a payload name, and opens the data folder of a step, creating it with its parents where it is missing.
#[pyfunction]
pub(crate) fn open_folder<'py>(
    step: &Bound<'py, PyAny>,
    data_dir: &Bound<'py, PyAny>,
    payload_name: &Bound<'py, PyAny>,
) -> PyResult<()> {
    let py = data_dir.py();
    PayloadName::new(name_of(payload_name)?).map_err(|error| errors::of_store(py, &error))?;
    let handle = Handle::of(step)?;
    if let Some(last) = last_opened(data_dir) {
        handle.get().set_folder(last);
        return Ok(());
    }
    let opened = Arc::new(Folder::open(data_dir)?);
    // What a relative path means changes with the current folder.
    if let State::Opened { named, .. } = &opened.state
        && named.is_absolute()
        && let Ok(mut last) = LAST.try_lock()
    {
        let earlier = last.replace(Arc::clone(&opened));
        drop(last); // Dropping an object may run Python code, which may come back here.
        drop(earlier);
    }
    handle.get().set_folder(opened);
    Ok(())
}

/// Notes where a step's data folder is that was assigned just now. Opens and creates nothing.
#[pyfunction]
pub(crate) fn note_folder(step: &Bound<'_, PyAny>) -> PyResult<()> {
    let data_dir = step.getattr(intern!(step.py(), "data_dir"))?;
    // What is no path is refused when it is used.
    if let Ok(path) = data_dir.extract::<PathBuf>()
        && let Ok(path) = std::path::absolute(path)
    {
        Handle::of(step)?.get().set_folder(Arc::new(Folder { data_dir: data_dir.unbind(), state: State::Noted(path) }));
    }
    Ok(())
}

/// Copies a text that is to be part of a file's name.
pub(crate) fn name_of(text: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = text.cast::<PyString>()?;
    utf8_of(text).map(str::to_owned).ok_or_else(|| {
        let shown = text.repr().map_or_else(|_| "the name".to_owned(), |shown| shown.to_string());
        let message = format!("{shown} holds a lone surrogate, and so can't be part of a file's name");
        errors::exception(text.py(), ErrorKind::InvalidName, &message)
    })
}

/// Returns the store that was opened last, if the same object named it and its folder is still there.
fn last_opened(data_dir: &Bound<'_, PyAny>) -> Option<Arc<Folder>> {
    // Never waits: a thread that does not live in a forked child may have held the lock.
    let last = Arc::clone(LAST.try_lock().ok()?.as_ref()?);
    let State::Opened { named, .. } = &last.state else { return None };
    let is_there = last.is_of(data_dir) && data_dir.py().detach(|| named.is_dir());
    is_there.then_some(last)
}

impl Folder {
    /// The folder of the original, for a copy.
    pub(crate) fn of_original(data_dir: Py<PyAny>, folder: PathBuf) -> Self {
        Self { data_dir, state: State::OfOriginal(folder) }
    }

    /// Returns what a copy gets: the object that named the folder, and where that is.
    pub(crate) fn for_copies<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, PathBuf) {
        (self.data_dir.bind(py).clone(), self.path().to_path_buf())
    }

    /// Returns the store, where it is open.
    pub(crate) fn opened(&self, data_dir: &Bound<'_, PyAny>) -> Option<&Store> {
        match &self.state {
            State::Opened { store, .. } if self.is_of(data_dir) => Some(store),
            _ => None,
        }
    }

    /// Whether the object still names the folder.
    fn is_of(&self, data_dir: &Bound<'_, PyAny>) -> bool {
        self.data_dir.is(data_dir)
    }

    /// Where the folder is, from the root on.
    fn path(&self) -> &Path {
        match &self.state {
            State::Opened { named, store } => store.path().unwrap_or(named),
            State::Noted(path) | State::OfOriginal(path) => path,
        }
    }

    fn open(data_dir: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::open_at(data_dir, data_dir.extract()?)
    }

    fn open_at(data_dir: &Bound<'_, PyAny>, named: PathBuf) -> PyResult<Self> {
        let py = data_dir.py();
        if named.as_os_str().is_empty() {
            return Err(PyOSError::new_err("the data folder has no name"));
        }
        let store = py.detach(|| Store::folder(named.clone())).map_err(|error| errors::of_store(py, &error))?;
        Ok(Self { data_dir: data_dir.clone().unbind(), state: State::Opened { named, store } })
    }
}

/// Returns the folder that a step's `data_dir` names at present.
fn present(handle: &Handle, data_dir: &Bound<'_, PyAny>) -> PyResult<Arc<Folder>> {
    if let Some(folder) = handle.folder().filter(|folder| folder.is_of(data_dir)) {
        match &folder.state {
            // Where there is no such folder, as on another machine, the path that the user gave is taken anew.
            State::OfOriginal(path) if !data_dir.py().detach(|| path.is_dir()) => {}
            _ => return Ok(folder),
        }
    }
    let path = std::path::absolute(data_dir.extract::<PathBuf>()?)?;
    let folder = Arc::new(Folder { data_dir: data_dir.clone().unbind(), state: State::Noted(path) });
    handle.set_folder(Arc::clone(&folder));
    Ok(folder)
}

/// Returns where a step's present data folder is, from the root on. Opens and creates nothing.
#[pyfunction]
pub(crate) fn folder_of(step: &Bound<'_, PyAny>) -> PyResult<OsString> {
    let data_dir = step.getattr(intern!(step.py(), "data_dir"))?;
    let handle = Handle::of(step)?;
    Ok(present(handle.get(), &data_dir)?.path().as_os_str().to_owned())
}

/// Returns the store of a step's present data folder. One that was removed since it was opened is `created` anew on demand: as
/// long as something is only looked for, a folder that is gone may be on a share that was unmounted.
pub(crate) fn store_of(step: &Bound<'_, PyAny>, handle: &Handle, created: bool) -> PyResult<Store> {
    let data_dir = step.getattr(intern!(step.py(), "data_dir"))?;
    let folder = match handle.folder().filter(|folder| folder.is_of(&data_dir)) {
        Some(folder) => folder,
        None => present(handle, &data_dir)?,
    };
    if let State::Opened { store, .. } = &folder.state
        && (!created || folder.path().is_dir())
    {
        return Ok(store.clone());
    }
    let folder = if matches!(folder.state, State::OfOriginal(_)) { present(handle, &data_dir)? } else { folder };
    let opened = Folder::open_at(&data_dir, folder.path().to_path_buf())?;
    let State::Opened { store, .. } = &opened.state else {
        return Err(PyOSError::new_err("the data folder is closed"));
    };
    let store = store.clone();
    handle.set_folder(Arc::new(opened));
    Ok(store)
}
