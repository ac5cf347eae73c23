//! The catalogue of a store: its index, opened and brought up to date.

use std::path::{Path, PathBuf};

use persistable_store::Store;
use rusqlite::Transaction;

use crate::error::{ErrorKind, Result};
use crate::index::{Index, file_of, seal_path, steps};
use crate::index_difference::Thoroughness;
use crate::reading::Reading;
use crate::refresh::{Refreshed, refresh};
use crate::watching::Watching;

/// What is in a store, to be listed, filtered, compared and removed.
///
/// It keeps an index of all manifests in a folder that is handed in, outside of the store. The index is a cache. If it is missing
/// or damaged, it is built again from the manifests.
///
/// ```no_run
/// use persistable_catalogue::{Catalogue, Query};
/// use persistable_store::Store;
///
/// let store = Store::open("data")?;
/// let mut catalogue = Catalogue::open(&store, "/home/me/.cache/persistable")?;
/// let table = catalogue.table(&Query::new().step("points").filter("n > 100".parse()?))?;
/// for row in &table.rows {
///     println!("{} {:?}", row.key, row.values);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Catalogue {
    store: Store,
    index: Index,
    /// `None` if the index ends with the process.
    file: Option<PathBuf>,
    watching: Watching,
}

impl Catalogue {
    /// Opens the catalogue of a store, and brings its index in `folder` up to date.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Index`] if the folder can't be written to, and [`ErrorKind::Store`] if the store can't be read.
    pub fn open(store: &Store, folder: impl AsRef<Path>) -> Result<Self> {
        let file = file_of(folder.as_ref(), store);
        let index = match Index::open(&file) {
            Err(error) if error.kind() == ErrorKind::DamagedIndex => {
                remove(&file);
                Index::open(&file)?
            }
            opened => opened?,
        };
        let mut catalogue = Self { store: store.clone(), index, file: Some(file), watching: Watching::default() };
        catalogue.glance()?;
        Ok(catalogue)
    }

    /// Opens the catalogue of a store without keeping the index. All manifests are read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] if the store can't be read.
    pub fn in_memory(store: &Store) -> Result<Self> {
        let mut catalogue =
            Self { store: store.clone(), index: Index::in_memory()?, file: None, watching: Watching::default() };
        catalogue.refresh()?;
        Ok(catalogue)
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the file of the index.
    #[must_use]
    pub fn index_file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Lists the payload names of artifacts that are there, by name.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn names(&mut self) -> Result<Vec<String>> {
        self.read(|reading| {
            let mut names = Vec::new();
            for step in steps(reading.db)? {
                if reading.is_there(&step)?.contains(&true) {
                    names.push(step.name);
                }
            }
            names.sort_unstable();
            Ok(names)
        })
    }

    /// Whether there are artifacts of a payload name, or were.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn knows(&mut self, name: &str) -> Result<bool> {
        self.read(|reading| Ok(steps(reading.db)?.iter().any(|step| step.rows > 0 && step.name == name)))
    }

    /// Brings the index up to date with the store, which others may have written to.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn refresh(&mut self) -> Result<Refreshed> {
        self.refresh_with(Thoroughness::Full)
    }

    /// As [`refresh`](Self::refresh), but a large store is not looked at file by file if no file was added, replaced or removed. So
    /// a file that was written to in its place may go unnoticed.
    ///
    /// [`open`](Self::open) does the same. Before something is removed or exported, and for [`status`](Self::status), each file is
    /// looked at.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn glance(&mut self) -> Result<Refreshed> {
        self.refresh_with(Thoroughness::Quick)
    }

    /// Looks at each file, unless the last look at the store did.
    pub(crate) fn make_sure(&mut self) -> Result<()> {
        if self.watching.was_quick() {
            self.refresh()?;
        }
        Ok(())
    }

    fn refresh_with(&mut self, thoroughness: Thoroughness) -> Result<Refreshed> {
        match refresh(&mut self.index, &self.store, &mut self.watching, thoroughness) {
            Err(error) if error.kind() == ErrorKind::DamagedIndex => self.rebuild(),
            refreshed => {
                self.seal();
                refreshed
            }
        }
    }

    /// Builds the index anew.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn rebuild(&mut self) -> Result<Refreshed> {
        // It closes the file.
        self.index = Index::in_memory()?;
        if let Some(file) = &self.file {
            remove(file);
            self.index = Index::open(file)?;
        }
        self.watching.forget();
        let refreshed = refresh(&mut self.index, &self.store, &mut self.watching, Thoroughness::Full)?;
        self.seal();
        Ok(refreshed)
    }

    fn seal(&self) {
        if let Some(file) = &self.file {
            self.index.seal(file);
        }
    }

    /// Begins to write to the index.
    pub(crate) fn write(&mut self) -> Result<Transaction<'_>> {
        self.index.write()
    }

    /// Reads the index as it is at this moment. If it turns out to be damaged, it is built anew.
    pub(crate) fn read<T>(&mut self, read: impl Fn(&Reading<'_>) -> Result<T>) -> Result<T> {
        let result = {
            let transaction = self.index.read()?;
            read(&Reading::new(&transaction))
        };
        match result {
            Err(error) if error.kind() == ErrorKind::DamagedIndex => {
                self.rebuild()?;
                let transaction = self.index.read()?;
                read(&Reading::new(&transaction))
            }
            other => other,
        }
    }
}

/// Removes the files of an index. What can't be removed is met again when the index is opened.
fn remove(file: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(ending);
        let _ = std::fs::remove_file(PathBuf::from(path));
    }
    let _ = std::fs::remove_file(seal_path(file));
}
