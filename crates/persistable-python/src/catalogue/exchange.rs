//! Artifacts as one file: exporting and importing.

use std::path::Path;

use persistable::Keys;
use persistable::store::Store;
use persistable_catalogue::{Catalogue, ExchangeOptions, Exported, Imported, Query, Result, import};
use pyo3::prelude::*;

use crate::waiting;

/// Writes what is selected into one file, with everything it was made from.
pub(super) fn export_to(
    catalogue: &mut Catalogue,
    query: &Query,
    file: &Path,
    keys: Keys,
    progress: Option<&Py<PyAny>>,
) -> Result<Exported> {
    catalogue.export(query, file, &options(keys, progress))
}

/// Reads the artifacts of such a file.
pub(super) fn import_from(store: &Store, file: &Path, keys: Keys, progress: Option<&Py<PyAny>>) -> Result<Imported> {
    import(store, file, &options(keys, progress))
}

fn options(keys: Keys, progress: Option<&Py<PyAny>>) -> ExchangeOptions<'_> {
    ExchangeOptions::new().keys(keys).interrupt(waiting::is_interrupted).progress(move |done, all| {
        let Some(progress) = progress else { return };
        if let Err(error) = Python::attach(|py| progress.call1(py, (done, all)).map(drop)) {
            waiting::note(error);
        }
    })
}
