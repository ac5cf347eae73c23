//! Open catalogues of one store, for many threads, and after a fork.

use std::error::Error as _;
use std::path::PathBuf;

use persistable::store::Store;
use persistable::store::fork::Shared;
use persistable_catalogue::{Catalogue, Error, ErrorKind, Result};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;

use crate::once::intern;
use crate::{errors, waiting};

/// Opens a catalogue for each thread that asks at the same time, and keeps them.
pub(super) struct OpenCatalogues {
    store: Store,
    folder: Option<PathBuf>,
    /// Whether the index is compared with the store at each question. Elsewhere that takes requests.
    is_near: bool,
    /// Those that no thread uses, with the process that opened them.
    idle: Shared<Vec<(u32, Catalogue)>>,
}

/// More than so many idle ones are closed.
const MOST_IDLE: usize = 4;

impl OpenCatalogues {
    pub(super) fn new(store: Store, folder: Option<PathBuf>) -> Self {
        let is_near = store.path().is_some() || store.location().to_string().starts_with("memory:");
        Self { store, folder, is_near, idle: Shared::new(Vec::new()) }
    }

    /// Asks the catalogue, without the interpreter's lock.
    pub(super) fn run<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&mut Catalogue) -> Result<T> + Send,
    ) -> PyResult<T> {
        let answer = waiting::during(py, || {
            let mut catalogue = self.take()?;
            let answer = ask(&mut catalogue);
            self.give_back(catalogue);
            answer
        })?;
        answer.map_err(|error| raised(py, error))
    }

    fn take(&self) -> Result<Catalogue> {
        let process = std::process::id();
        let mut found = None;
        self.idle.with(|idle| {
            while let Some((opened_by, catalogue)) = idle.pop() {
                if opened_by == process {
                    found = Some(catalogue);
                    break;
                }
                // To close what the parent has open would unlock it there.
                std::mem::forget(catalogue);
            }
        });
        match (found, &self.folder) {
            (Some(mut catalogue), _) => {
                if self.is_near {
                    catalogue.glance()?;
                }
                Ok(catalogue)
            }
            (None, Some(folder)) => match Catalogue::open(&self.store, folder) {
                // Without an index all manifests are read, but the answer is the same.
                Err(error) if error.kind() == ErrorKind::Index => Catalogue::in_memory(&self.store),
                opened => opened,
            },
            (None, None) => Catalogue::in_memory(&self.store),
        }
    }

    fn give_back(&self, catalogue: Catalogue) {
        let mut catalogue = Some(catalogue);
        self.idle.with(|idle| {
            if idle.len() < MOST_IDLE {
                idle.extend(catalogue.take().map(|catalogue| (std::process::id(), catalogue)));
            }
        });
    }
}

impl Drop for OpenCatalogues {
    fn drop(&mut self) {
        let process = std::process::id();
        let all = self.idle.with(std::mem::take);
        all.into_iter().filter(|(opened_by, _)| *opened_by != process).for_each(std::mem::forget);
    }
}

/// Turns an error of the catalogue into an exception.
pub(super) fn raised(py: Python<'_>, error: Error) -> PyErr {
    let class = match error.kind() {
        ErrorKind::Filter => "FilterError",
        ErrorKind::NotFound | ErrorKind::Ambiguous => "NoArtifactError",
        _ => match error.source().and_then(|source| source.downcast_ref::<persistable::store::Error>()) {
            Some(source) => return errors::of_store(py, source),
            None => "UnavailableError",
        },
    };
    let raise = || -> PyResult<PyErr> {
        let exceptions = py.import(intern!(py, "persistable.exceptions"))?;
        Ok(PyErr::from_value(exceptions.getattr(class)?.call1((error.to_string(),))?))
    };
    raise().unwrap_or_else(|error| error)
}

/// Writes an answer as JSON.
pub(super) fn json_of(answer: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(answer).map_err(|error| PyValueError::new_err(error.to_string()))
}
