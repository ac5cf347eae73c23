//! Copying artifacts from one store to another.

use persistable::store::{
    ArtifactId, CopyOptions, CopyProgress, CopyReport, Error, NotCopied, Selection, may_run_code,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::payload_io::secret_of_environment;
use crate::store::PyStore;
use crate::trust::id_of;
use crate::{account_key, errors, waiting};

/// What was copied, was there, is missing, was refused and failed; how many bytes were copied; and the error.
type Copied =
    (Vec<String>, Vec<String>, Vec<String>, Vec<(String, String)>, Vec<(String, String)>, u64, Option<Py<PyAny>>);

/// Copies artifacts with these payload names and keys, or all. Returns what
/// was done, also if something failed.
#[pyfunction]
#[pyo3(signature = (origin, target, ids, dependencies, progress))]
pub(crate) fn copy_artifacts(
    py: Python<'_>,
    origin: &PyStore,
    target: &PyStore,
    ids: Option<Vec<(String, String)>>,
    dependencies: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Copied> {
    let selection = match ids {
        None => Selection::All,
        Some(ids) => {
            let ids: Option<Vec<ArtifactId>> = ids.iter().map(|(name, key)| id_of(name, key)).collect();
            Selection::Only(ids.ok_or_else(|| PyValueError::new_err("these are not artifacts"))?)
        }
    };
    let keys = account_key::keys(secret_of_environment()?.as_deref());
    let copied = waiting::during(py, || {
        let options = CopyOptions::new()
            .dependencies(dependencies)
            .keys(keys)
            .runs_code(|payload| may_run_code(&payload.io))
            .interrupt(waiting::is_interrupted)
            .progress(|done| tell(progress.as_ref(), done));
        origin.store.push(&target.store, selection, &options)
    })?;
    Ok(match &copied {
        Ok(report) => told(report, None),
        Err(error) => {
            let raised = raised(py, error).into_value(py).into_any();
            told(CopyReport::of(error).unwrap_or(&CopyReport::default()), Some(raised))
        }
    })
}

/// Calls the user's function. What it raises ends the copying.
fn tell(progress: Option<&Py<PyAny>>, done: &CopyProgress) {
    let Some(progress) = progress else { return };
    let figures = (done.artifacts_done, done.artifacts, done.bytes_done, done.bytes);
    if let Err(error) = Python::attach(|py| progress.call1(py, figures).map(drop)) {
        waiting::note(error);
    }
}

/// The message of the error names the first failures. Its source would repeat them.
fn raised(py: Python<'_>, error: &Error) -> PyErr {
    match CopyReport::of(error) {
        Some(_) => errors::of_store_saying(py, error, &error.to_string()),
        None => errors::of_store(py, error),
    }
}

fn told(report: &CopyReport, error: Option<Py<PyAny>>) -> Copied {
    let names = |ids: &[ArtifactId]| ids.iter().map(ToString::to_string).collect();
    let reasons =
        |those: &[NotCopied]| those.iter().map(|not| (not.stem.clone(), format!("{:#}", not.error))).collect();
    (
        names(&report.copied),
        names(&report.skipped),
        names(&report.missing),
        reasons(&report.refused),
        reasons(&report.failed),
        report.copied_bytes,
        error,
    )
}
