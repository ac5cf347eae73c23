//! Data folders, opened once.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use persistable::ErrorKind;
use persistable::store::{PayloadName, Store};
use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};

use crate::buffer::utf8_of;
use crate::errors;

/// A data folder that was opened, and created where it was missing. The steps of a folder share one.
///
/// A relative path is taken once, against the folder that is current then: the step stays where it was made.
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
    /// A copy, and a step that comes out of a pickle, has the object that named the folder, and where the folder is.
    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (Copied<'_, 'py>,)) {
        (py.get_type::<PyTuple>(), ((self.data_dir.bind(py).clone(), self.folder().as_os_str()),))
    }
}

type Copied<'a, 'py> = (Bound<'py, PyAny>, &'a OsStr);

impl DataStore {
    /// Whether the object still names the folder.
    fn is_of(&self, data_dir: &Bound<'_, PyAny>) -> bool {
        self.data_dir.is(data_dir)
    }

    /// Where the folder is, from the root on.
    fn folder(&self) -> &Path {
        self.store.path().unwrap_or(&self.path)
    }

    fn open(data_dir: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::open_at(data_dir, data_dir.extract()?)
    }

    fn open_at(data_dir: &Bound<'_, PyAny>, path: PathBuf) -> PyResult<Self> {
        let py = data_dir.py();
        if path.as_os_str().is_empty() {
            return Err(PyOSError::new_err("the data folder has no name"));
        }
        let store = py.detach(|| Store::folder(path.clone())).map_err(|error| errors::of_store(py, &error))?;
        Ok(Self { data_dir: data_dir.clone().unbind(), path, store })
    }
}

/// Returns where the folder of the original is, for a copy of a step. Where there is no such folder, as on another machine,
/// the path that the user gave is taken anew.
fn folder_of_original(opened: &Bound<'_, PyAny>, data_dir: &Bound<'_, PyAny>) -> Option<PathBuf> {
    let (named, folder): (Bound<'_, PyAny>, PathBuf) = opened.extract().ok()?;
    (named.is(data_dir) && opened.py().detach(|| folder.is_dir())).then_some(folder)
}

/// Returns where a step's present data folder is, from the root on. Opens and creates nothing.
#[pyfunction]
pub(crate) fn folder_of(step: &Bound<'_, PyAny>) -> PyResult<OsString> {
    let py = step.py();
    let data_dir = step.getattr(intern!(py, "data_dir"))?;
    let opened = step.getattr_opt(intern!(py, "_core_store"))?;
    let known = opened.and_then(|opened| match opened.cast::<DataStore>() {
        Ok(store) => store.get().is_of(&data_dir).then(|| store.get().folder().to_path_buf()),
        Err(_) => folder_of_original(&opened, &data_dir),
    });
    match known {
        Some(folder) => Ok(folder.into_os_string()),
        None => Ok(std::path::absolute(data_dir.extract::<PathBuf>()?)?.into_os_string()),
    }
}

/// Returns the store of a step's present data folder. One that was removed since it was opened is `created` anew on demand: as
/// long as something is only looked for, a folder that is gone may be on a share that was unmounted.
pub(crate) fn store_of(step: &Bound<'_, PyAny>, created: bool) -> PyResult<Store> {
    let py = step.py();
    let data_dir = step.getattr(intern!(py, "data_dir"))?;
    let opened = step.getattr_opt(intern!(py, "_core_store"))?;
    let mut folder = None;
    if let Some(opened) = &opened {
        if let Ok(store) = opened.cast::<DataStore>().map(Bound::get) {
            if store.is_of(&data_dir) {
                if !created || store.folder().is_dir() {
                    return Ok(store.store.clone());
                }
                folder = Some(store.folder().to_path_buf());
            }
        } else {
            folder = folder_of_original(opened, &data_dir);
        }
    }
    let opened = match folder {
        Some(folder) => DataStore::open_at(&data_dir, folder)?,
        None => DataStore::open(&data_dir)?,
    };
    let opened = Bound::new(py, opened)?;
    step.setattr(intern!(py, "_core_store"), &opened)?;
    Ok(opened.get().store.clone())
}
