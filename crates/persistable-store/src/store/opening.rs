//! Opening stores.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::handling::Handling;
use super::{Store, StoreOptions};
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::folder::{Folder, Process};
use crate::medium::Medium;
use crate::memory::Memory;

impl Store {
    /// Opens an existing store: a folder by its path, or another kind by its URL, such as `s3://bucket/folder`.
    /// [`create`](Self::create) makes a folder. [`StoreOptions`] has options, and lists the kinds of URLs.
    ///
    /// For a URL, no request is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if there is no such folder, and
    /// [`ErrorKind::InvalidOption`](crate::ErrorKind::InvalidOption) for a wrong URL.
    pub fn open(location: impl Into<PathBuf>) -> Result<Self> {
        StoreOptions::new().open(location)
    }

    /// Opens a store as [`open`](Self::open) does. If it is a folder that is missing, it is created with its parents.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open). [`ErrorKind::Denied`](crate::ErrorKind::Denied) and
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the folder can't be created.
    pub fn create(location: impl Into<PathBuf>) -> Result<Self> {
        StoreOptions::new().create(location)
    }

    /// [Opens a folder](Self::create) over another operating system, for another process: for models and fault tests.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    #[doc(hidden)]
    pub fn folder_over(path: impl Into<PathBuf>, medium: Arc<dyn Medium>, process: &'static Process) -> Result<Self> {
        let folder = Folder::create(path.into(), medium, process)?;
        Ok(Self::new(Arc::new(folder), &process.thread_locks))
    }

    /// Creates a store in memory. It ends with its last clone.
    #[must_use]
    pub fn memory() -> Self {
        Self::over(Memory::new())
    }

    /// Makes a store from another kind of backend.
    #[must_use]
    pub fn over(backend: impl Backend + 'static) -> Self {
        Self::of_backend(Arc::new(backend))
    }

    /// Makes a store of the last one's leases over several. `layers` is not empty.
    pub(crate) fn over_layers(backend: Arc<dyn Backend>, layers: &[Self]) -> Self {
        let handling = Handling::of_layers(layers.iter().map(|layer| (&layer.handling, layer.location())));
        let thread_locks = layers.last().map_or(&Process::this().thread_locks, |last| last.thread_locks);
        Self { layers: layers.into(), ..Self::new(backend, thread_locks).with_handling(handling) }
    }

    pub(super) fn of_backend(backend: Arc<dyn Backend>) -> Self {
        Self::new(backend, &Process::this().thread_locks)
    }
}

impl From<&Self> for Store {
    fn from(store: &Self) -> Self {
        store.clone()
    }
}

/// Paths and URLs become stores as [`Store::create`] opens them.
macro_rules! from_path {
    ($($path:ty),*) => {$(
        impl TryFrom<$path> for Store {
            type Error = Error;

            fn try_from(path: $path) -> Result<Self> {
                Self::create(path)
            }
        }
    )*};
}

from_path!(&str, String, &String, &Path, PathBuf, &PathBuf);
