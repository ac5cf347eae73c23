//! Stores of every kind, as Python holds them.

use std::path::PathBuf;
use std::sync::Arc;

use persistable::store::{Store, StoreOptions, is_url, objects, path_in_url};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::fsspec::FilesystemObjects;
use crate::once::intern;
use crate::{errors, waiting};

/// An open store. `persistable.Store` keeps one.
#[pyclass(frozen, name = "Store", module = "persistable._core")]
pub(crate) struct PyStore {
    pub(crate) store: Store,
}

/// How to open a store, beside its location.
struct Settings {
    options: Vec<(String, String)>,
    has_cache: bool,
    cache: Option<PathBuf>,
    default_cache: Option<PathBuf>,
    logs: Option<PathBuf>,
    trusted: bool,
}

/// They come as a dict. (The derived form would keep the names in cells that a fork may find half made.)
impl<'py> FromPyObject<'_, 'py> for Settings {
    type Error = PyErr;

    fn extract(settings: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        fn item<'py, T: FromPyObjectOwned<'py, Error: Into<PyErr>>>(
            settings: Borrowed<'_, 'py, PyAny>,
            name: &str,
        ) -> PyResult<T> {
            settings.get_item(name)?.extract().map_err(Into::into)
        }
        Ok(Self {
            options: item(settings, "options")?,
            has_cache: item(settings, "has_cache")?,
            cache: item(settings, "cache")?,
            default_cache: item(settings, "default_cache")?,
            logs: item(settings, "logs")?,
            trusted: item(settings, "trusted")?,
        })
    }
}

impl Settings {
    fn into_options(self) -> StoreOptions {
        let begun = StoreOptions::new().trusted(self.trusted).interrupt(waiting::is_interrupted);
        let mut options = self.options.into_iter().fold(begun, |options, (name, value)| options.set(name, value));
        options = match self.cache {
            _ if !self.has_cache => options.without_cache(),
            Some(folder) => options.cache(folder),
            None => options,
        };
        if let Some(folder) = self.default_cache {
            options = options.cache_by_default(folder);
        }
        match self.logs {
            Some(folder) => options.logs(folder),
            None => options,
        }
    }
}

#[pymethods]
impl PyStore {
    /// Opens a store by its path or URL. A folder that is missing is created.
    #[staticmethod]
    fn open(py: Python<'_>, location: PathBuf, settings: Settings) -> PyResult<Self> {
        let options = settings.into_options();
        let opened = waiting::during(py, || options.create(location))?;
        opened.map(|store| Self { store }).map_err(|error| errors::of_store(py, &error))
    }

    /// Opens a store over a file system of fsspec's, as `_fsspec.Objects` shows it.
    #[staticmethod]
    fn over(py: Python<'_>, objects: &Bound<'_, PyAny>, settings: Settings) -> PyResult<Self> {
        let objects = Arc::new(FilesystemObjects::new(objects)?);
        let options = settings.into_options();
        let opened = waiting::during(py, || options.over(objects))?;
        opened.map(|store| Self { store }).map_err(|error| errors::of_store(py, &error))
    }

    /// Puts stores on top of each other.
    #[staticmethod]
    fn layers(py: Python<'_>, stores: Vec<Bound<'_, Self>>) -> PyResult<Self> {
        let stores: Vec<Store> = stores.iter().map(|store| store.get().store.clone()).collect();
        let layers = waiting::during(py, || Store::layers(stores))?;
        layers.map(|store| Self { store }).map_err(|error| errors::of_store(py, &error))
    }

    /// The folder's path; `None` if the store is not a folder.
    #[getter]
    fn path(&self) -> Option<PathBuf> {
        self.store.path().map(ToOwned::to_owned)
    }

    /// Where the store is, for people. It has no credentials.
    #[getter]
    fn location(&self) -> String {
        self.store.location().to_string()
    }
}

/// Returns the open store of an object, if it is a `persistable.Store` and not just a folder.
pub(crate) fn handed(data_dir: &Bound<'_, PyAny>) -> PyResult<Option<Store>> {
    let py = data_dir.py();
    let Some(handle) = data_dir.getattr_opt(intern!(py, "_persistable_store"))? else { return Ok(None) };
    Ok(Some(handle.cast::<PyStore>()?.get().store.clone()))
}

/// Opens the store of an object anew, whose folder was removed.
pub(crate) fn handed_anew(data_dir: &Bound<'_, PyAny>) -> PyResult<Store> {
    let py = data_dir.py();
    let handle = data_dir.call_method0(intern!(py, "_opened_anew"))?;
    Ok(handle.cast::<PyStore>()?.get().store.clone())
}

/// Makes the relative paths absolute among the options of a URL, and those beside it.
#[pyfunction]
pub(crate) fn with_absolute_paths(url: &str, options: Vec<(String, String)>) -> (String, Vec<(String, String)>) {
    objects::with_absolute_paths(url, options)
}

/// Returns whether a text is a URL and not a path, and the path that it names, if it is a URL of a folder. Refuses a path that was
/// meant as a URL.
#[pyfunction]
pub(crate) fn url_of<'py>(py: Python<'py>, location: PathBuf) -> PyResult<Bound<'py, PyTuple>> {
    let is_url = is_url(&location);
    let path = path_in_url(location).map_err(|error| errors::of_store(py, &error))?;
    (is_url, path).into_pyobject(py)
}
