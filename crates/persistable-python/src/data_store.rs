//! Data folders, opened once.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use persistable::ErrorKind;
use persistable::store::{PayloadName, Store};
use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::buffer::utf8_of;
use crate::errors;

/// A data folder that was opened, and created where it was missing. The steps of a folder share one.
#[pyclass(frozen, module = "persistable._core")]
pub(crate) struct DataStore {
    /// The very object that named the folder.
    data_dir: Py<PyAny>,
    path: PathBuf,
    store: Store,
}

/// What was opened last: a pipeline gives all of its steps the same object.
static LAST: Mutex<Option<Py<DataStore>>> = Mutex::new(None);

/// Checks a payload name, and opens the data folder of a step, creating it with its parents where it is missing.
#[pyfunction]
pub(crate) fn open_store<'py>(
    data_dir: &Bound<'py, PyAny>,
    payload_name: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, DataStore>> {
    let py = data_dir.py();
    PayloadName::new(name_of(payload_name)?).map_err(|error| errors::of_store(py, &error))?;
    if let Some(last) = last_opened(data_dir) {
        return Ok(last);
    }
    let opened = Bound::new(py, DataStore::open(data_dir)?)?;
    // What a relative path means changes with the current folder.
    if opened.get().path.is_absolute()
        && let Ok(mut last) = LAST.try_lock()
    {
        let earlier = last.replace(opened.clone().unbind());
        drop(last); // Dropping an object may run Python code, which may come back here.
        drop(earlier);
    }
    Ok(opened)
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
fn last_opened<'py>(data_dir: &Bound<'py, PyAny>) -> Option<Bound<'py, DataStore>> {
    let py = data_dir.py();
    // Never waits: a thread that does not live in a forked child may have held the lock.
    let last = LAST.try_lock().ok()?.as_ref()?.clone_ref(py).into_bound(py);
    let DataStore { data_dir: named, path, .. } = last.get();
    (named.is(data_dir) && py.detach(|| path.is_dir())).then_some(last)
}

#[pymethods]
impl DataStore {
    /// A step that comes out of a pickle opens its data folder anew.
    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, ()) {
        (py.None().bind(py).get_type(), ())
    }
}

impl DataStore {
    /// Whether the folder is still the one that the object names. A relative path follows the current folder.
    fn is_of(&self, data_dir: &Bound<'_, PyAny>) -> bool {
        let is_in_place =
            || std::path::absolute(&self.path).is_ok_and(|path| Some(path.as_path()) == self.store.path());
        self.data_dir.is(data_dir) && (self.path.is_absolute() || is_in_place())
    }

    fn open(data_dir: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = data_dir.py();
        let path: PathBuf = data_dir.extract()?;
        if path.as_os_str().is_empty() {
            return Err(PyOSError::new_err("the data folder has no name"));
        }
        let store = py.detach(|| Store::folder(path.clone())).map_err(|error| errors::of_store(py, &error))?;
        Ok(Self { data_dir: data_dir.clone().unbind(), path, store })
    }
}

/// Returns the store of a step's present data folder. One that was removed since it was opened is `created` anew on demand: as
/// long as something is only looked for, a folder that is gone may be on a share that was unmounted.
pub(crate) fn store_of(step: &Bound<'_, PyAny>, created: bool) -> PyResult<Store> {
    let py = step.py();
    let data_dir = step.getattr(intern!(py, "data_dir"))?;
    let opened = step.getattr_opt(intern!(py, "_core_store"))?;
    if let Some(opened) = opened.as_ref().and_then(|opened| opened.cast::<DataStore>().ok())
        && opened.get().is_of(&data_dir)
        && (!created || opened.get().store.path().is_some_and(Path::is_dir))
    {
        return Ok(opened.get().store.clone());
    }
    let opened = Bound::new(py, DataStore::open(&data_dir)?)?;
    step.setattr(intern!(py, "_core_store"), &opened)?;
    Ok(opened.get().store.clone())
}
