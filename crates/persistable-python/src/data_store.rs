//! Data folders, opened once.

use std::path::PathBuf;

use persistable::store::{PayloadName, Store};
use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;

use crate::errors;

/// A data folder that was opened, and created where it was missing.
#[pyclass(frozen, module = "persistable._core")]
pub(crate) struct DataStore {
    /// The very object that named the folder.
    data_dir: Py<PyAny>,
    store: Store,
}

/// Checks a payload name, and opens the data folder of a step, creating it with its parents where it is missing.
#[pyfunction]
pub(crate) fn open_store(data_dir: &Bound<'_, PyAny>, payload_name: String) -> PyResult<DataStore> {
    let py = data_dir.py();
    PayloadName::new(payload_name).map_err(|error| errors::of_store(py, &error))?;
    DataStore::open(data_dir)
}

impl DataStore {
    fn open(data_dir: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = data_dir.py();
        let path: PathBuf = data_dir.extract()?;
        if path.as_os_str().is_empty() {
            return Err(PyOSError::new_err("the data folder has no name"));
        }
        let store = py.detach(|| Store::folder(path)).map_err(|error| errors::of_store(py, &error))?;
        Ok(Self { data_dir: data_dir.clone().unbind(), store })
    }
}

/// Returns the store of a step's present data folder.
pub(crate) fn store_of(step: &Bound<'_, PyAny>) -> PyResult<Store> {
    let py = step.py();
    let data_dir = step.getattr(intern!(py, "data_dir"))?;
    let opened = step.getattr_opt(intern!(py, "_core_store"))?;
    if let Some(opened) = opened.as_ref().and_then(|opened| opened.cast::<DataStore>().ok())
        && opened.get().data_dir.is(&data_dir)
    {
        return Ok(opened.get().store.clone());
    }
    let opened = Bound::new(py, DataStore::open(&data_dir)?)?;
    step.setattr(intern!(py, "_core_store"), &opened)?;
    Ok(opened.get().store.clone())
}
