//! Files and folders that count by their content, as Python names them.

use std::fs::File;
use std::path::{Path, PathBuf};

use persistable::__private::{InputError, input_file, input_folder, matching_files};
use persistable::store::Digest;
use persistable::{Param, remember_digests_in as remember_in};
use pyo3::prelude::*;

use crate::errors::of_core;
use crate::once::intern;
use crate::value::{Problem, PyValue, object_of};

/// Returns the value of a file, or of those files of a folder that match a pattern, made of a name and the present content;
/// and the digest of that in hex.
#[pyfunction]
pub(crate) fn input_value(
    py: Python<'_>,
    path: PathBuf,
    pattern: Option<&str>,
    name: Option<String>,
    digest: Option<&str>,
) -> PyResult<(PyValue, String)> {
    // Where it is turned into a value, it tells whoever collects the inputs of a step.
    let (value, digest) = match pattern {
        None => {
            let file = opened(py, &path, || input_file(&path, name, digest))?;
            (file.to_value(), file.digest())
        }
        Some(pattern) => {
            let folder = opened(py, &path, || input_folder(&path, pattern, name, digest))?;
            (folder.to_value(), folder.digest())
        }
    };
    Ok((object_of(value.map_err(Problem::from)?)?, digest.to_string()))
}

/// Returns the files of a folder that match a pattern, sorted.
#[pyfunction]
pub(crate) fn input_files(py: Python<'_>, path: PathBuf, pattern: &str) -> PyResult<Vec<PathBuf>> {
    opened(py, &path, || matching_files(&path, pattern))
}

/// Remembers the digests of large input files in a folder, or in this process alone.
#[pyfunction]
pub(crate) fn remember_digests_in(folder: Option<PathBuf>) {
    remember_in(folder);
}

/// Reads while other threads of Python run.
fn opened<T: Send>(py: Python<'_>, path: &Path, open: impl FnOnce() -> Result<T, InputError> + Send) -> PyResult<T> {
    py.detach(open).map_err(|error| {
        let raised = of_core(py, error.of_input(path));
        // It belongs to no step yet.
        let _ = raised.value(py).setattr(intern!(py, "step"), py.None());
        raised
    })
}

/// Returns the digest of a file in hex, as manifests have it.
#[pyfunction]
pub(crate) fn file_digest(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    let (digest, _) = py.detach(|| Digest::of_open_file(&File::open(path)?))?;
    Ok(digest.to_string())
}
