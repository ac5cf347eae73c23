//! The data folder of a step.

use std::ffi::OsString;
use std::sync::Arc;

use persistable::store::{PayloadName, Store};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::errors;
use crate::file_name::name_of;
use crate::folder::Folder;
use crate::handle::Handle;
use crate::once::intern;

/// Checks a payload name, and opens the data folder of a step, creating it with its parents where it is missing.
#[pyfunction]
pub(crate) fn open_folder(
    step: &Bound<'_, PyAny>,
    data_dir: &Bound<'_, PyAny>,
    payload_name: &Bound<'_, PyAny>,
) -> PyResult<()> {
    PayloadName::new(name_of(payload_name)?).map_err(|error| errors::of_store(step.py(), &error))?;
    Handle::of(step)?.get().set_folder(Folder::open(data_dir)?);
    Ok(())
}

/// Notes where a step's data folder is that was assigned just now. Opens and creates nothing.
#[pyfunction]
pub(crate) fn note_folder(step: &Bound<'_, PyAny>) -> PyResult<()> {
    let data_dir = step.getattr(intern!(step.py(), "data_dir"))?;
    // What is no path is refused when it is used.
    if let Ok(folder) = Folder::note(&data_dir) {
        Handle::of(step)?.get().set_folder(Arc::new(folder));
    }
    Ok(())
}

/// Returns the folder that a step's `data_dir` names at present.
fn present(handle: &Handle, data_dir: &Bound<'_, PyAny>) -> PyResult<Arc<Folder>> {
    if let Some(folder) = handle.folder().filter(|folder| folder.is_of(data_dir)) {
        // Where there is no such folder, as on another machine, the path that the user gave is taken anew.
        if !folder.is_of_original() || data_dir.py().detach(|| !folder.is_gone()) {
            return Ok(folder);
        }
    }
    let folder = Arc::new(Folder::note(data_dir)?);
    handle.set_folder(Arc::clone(&folder));
    Ok(folder)
}

/// Returns where a step's present data folder is, from the root on; `None` for a store that is not a folder. Opens and creates
/// nothing.
#[pyfunction]
pub(crate) fn folder_of(step: &Bound<'_, PyAny>) -> PyResult<Option<OsString>> {
    let data_dir = step.getattr(intern!(step.py(), "data_dir"))?;
    let handle = Handle::of(step)?;
    Ok(present(handle.get(), &data_dir)?.path().map(|path| path.as_os_str().to_owned()))
}

/// Returns where the log of a step is; `None` if it has no file. A folder that was assigned to the step and is not used yet is
/// opened.
#[pyfunction]
pub(crate) fn log_folder_of(step: &Bound<'_, PyAny>) -> PyResult<Option<OsString>> {
    let data_dir = step.getattr(intern!(step.py(), "data_dir"))?;
    let handle = Handle::of(step)?;
    let folder = present(handle.get(), &data_dir)?;
    // A log that can't be written is never a reason to fail.
    if folder.is_noted()
        && let Ok(opened) = folder.opened(&data_dir)
    {
        handle.get().set_folder(Arc::new(opened));
    }
    let path = folder.path().or_else(|| folder.store().and_then(Store::log_folder));
    Ok(path.map(|path| path.as_os_str().to_owned()))
}

/// Returns the store of a step's present data folder. One that was removed since it was opened is `created` anew on demand: as
/// long as something is only looked for, a folder that is gone may be on a share that was unmounted.
pub(crate) fn store_of(step: &Bound<'_, PyAny>, handle: &Handle, created: bool) -> PyResult<Store> {
    let data_dir = step.getattr(intern!(step.py(), "data_dir"))?;
    let folder = match handle.folder().filter(|folder| folder.is_of(&data_dir)) {
        Some(folder) => folder,
        None => present(handle, &data_dir)?,
    };
    if let Some(store) = folder.store()
        && (!created || !folder.is_gone())
    {
        return Ok(store.clone());
    }
    let folder = if folder.is_of_original() { present(handle, &data_dir)? } else { folder };
    let opened = folder.opened(&data_dir)?;
    let store = opened.store().cloned();
    handle.set_folder(Arc::new(opened));
    store.ok_or_else(|| PyOSError::new_err("the data folder is closed"))
}
