//! Opening stores.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Store;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::folder::{Folder, Process};
use crate::medium::{Medium, System};
use crate::memory::Memory;

impl Store {
    /// Opens an existing store. [`create`](Self::create) makes one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if there is none.
    pub fn open(location: impl Into<PathBuf>) -> Result<Self> {
        Folder::open(location.into(), Arc::new(System), Process::this()).map(Self::over)
    }

    /// Opens a folder as a store. If it is missing, it is created with its parents.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Denied`](crate::ErrorKind::Denied) and [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if
    /// it can't be created.
    pub fn create(location: impl Into<PathBuf>) -> Result<Self> {
        Self::folder_over(location, Arc::new(System), Process::this())
    }

    /// [Opens a folder](Self::create) over another operating system, for another process: for models and fault tests.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    #[doc(hidden)]
    pub fn folder_over(path: impl Into<PathBuf>, medium: Arc<dyn Medium>, process: &'static Process) -> Result<Self> {
        let folder = Folder::create(path.into(), medium, process)?;
        Ok(Self::new(Arc::new(folder), &process.claims))
    }

    /// Creates a store in memory. It ends with its last clone.
    #[must_use]
    pub fn memory() -> Self {
        Self::over(Memory::new())
    }

    /// Makes a store from another kind of backend.
    #[must_use]
    pub fn over(backend: impl Backend + 'static) -> Self {
        Self::new(Arc::new(backend), &Process::this().claims)
    }
}

impl From<&Self> for Store {
    fn from(store: &Self) -> Self {
        store.clone()
    }
}

/// Paths become stores as [`Store::create`] opens them.
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
