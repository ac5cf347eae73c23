//! The catalogue of a store, as `persistable.Catalogue` asks it.
//!
//! Answers with a structure of their own are JSON texts: Python makes its classes of them.

mod exchange;
mod log;
mod open_catalogues;
mod removal;
mod rows;
mod selection;
mod status;

use std::path::PathBuf;
use std::time::Duration;

use persistable_catalogue::{Direction, ErrorKind, Filter, Log, Query, RemovalRules, Verified, Wanted, former};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::payload_io::secret_of_environment;
use crate::store::PyStore;
use crate::{account_key, tree, waiting};
use open_catalogues::{OpenCatalogues, json_of, raised};
pub(crate) use removal::PyRemovalPlan;
use rows::{Rows, rows_of};
use selection::{Selection, Shown};

/// An open catalogue. `persistable.Catalogue` keeps one.
#[pyclass(frozen, name = "Catalogue", module = "persistable._core")]
pub(crate) struct PyCatalogue {
    catalogues: OpenCatalogues,
}

#[pymethods]
impl PyCatalogue {
    /// Opens the catalogue of a store. Its index is in `folder`, if one is given.
    #[staticmethod]
    fn open(py: Python<'_>, store: &PyStore, folder: Option<PathBuf>) -> PyResult<Self> {
        let catalogues = OpenCatalogues::new(store.store.clone(), folder);
        catalogues.run(py, |_| Ok(()))?;
        Ok(Self { catalogues })
    }

    /// Looks at the store anew. Returns how many manifests were read, and how many artifacts are gone.
    fn refresh(&self, py: Python<'_>) -> PyResult<(usize, usize)> {
        let refreshed = self.catalogues.run(py, |catalogue| catalogue.refresh())?;
        Ok((refreshed.read, refreshed.removed))
    }

    /// Lists artifacts.
    fn rows<'py>(&self, py: Python<'py>, selection: Selection, shown: Shown) -> PyResult<Rows<'py>> {
        let query = shown.of(selection.query().map_err(|error| raised(py, error))?);
        let table = self.catalogues.run(py, |catalogue| {
            let query = selection.narrow(catalogue, query)?;
            catalogue.table(&query)
        })?;
        rows_of(py, table)
    }

    /// Finds an artifact by the first digits of its key, by `name(digits)` or by the name of a file. Returns its stem.
    fn find(&self, py: Python<'_>, text: &str) -> PyResult<String> {
        Ok(self.catalogues.run(py, |catalogue| catalogue.find(text))?.stem)
    }

    /// Whether there are artifacts of a payload name, or were.
    fn knows(&self, py: Python<'_>, name: &str) -> PyResult<bool> {
        self.catalogues.run(py, |catalogue| catalogue.knows(name))
    }

    /// Says why a step is not persisted.
    fn why(&self, py: Python<'_>, step: &Bound<'_, PyAny>) -> PyResult<String> {
        let wanted = Wanted::of(tree::of(step)?.identified()).map_err(|error| raised(py, error))?;
        json_of(&self.catalogues.run(py, |catalogue| catalogue.why(&wanted))?)
    }

    /// Says why an artifact was generated.
    fn why_artifact(&self, py: Python<'_>, stem: &str) -> PyResult<String> {
        json_of(&self.catalogues.run(py, |catalogue| {
            let artifact = catalogue.find(stem)?;
            catalogue.why_artifact(&artifact)
        })?)
    }

    /// Says which artifacts of a payload name are nearest to some params.
    fn why_params(&self, py: Python<'_>, payload_name: &str, params: &str) -> PyResult<String> {
        let filter: Filter = params.parse().map_err(|error| raised(py, error))?;
        json_of(&self.catalogues.run(py, |catalogue| catalogue.why_params(payload_name, &filter))?)
    }

    /// Returns how two artifacts differ.
    fn diff(&self, py: Python<'_>, before: &str, after: &str) -> PyResult<String> {
        json_of(&self.catalogues.run(py, |catalogue| {
            let (before, after) = (catalogue.find(before)?, catalogue.find(after)?);
            catalogue.diff(&before, &after)
        })?)
    }

    /// Returns what an artifact was made from, or what was made from it.
    fn lineage(&self, py: Python<'_>, stem: &str, is_up: bool, depth: usize) -> PyResult<String> {
        let direction = if is_up { Direction::Dependents } else { Direction::Dependencies };
        json_of(&self.catalogues.run(py, |catalogue| {
            let artifact = catalogue.find(stem)?;
            catalogue.lineage(&artifact, direction, depth)
        })?)
    }

    /// Counts what takes the space: by step, by a param, or by each param that varies if its name is empty.
    #[pyo3(signature = (selection, by))]
    fn usage(&self, py: Python<'_>, selection: Selection, by: Option<&str>) -> PyResult<String> {
        let query = selection.query().map_err(|error| raised(py, error))?;
        json_of(&self.catalogues.run(py, |catalogue| {
            let query = selection.narrow(catalogue, query)?;
            match by {
                None => catalogue.usage(&query),
                Some("") => catalogue.usage_by(&query, None),
                Some(param) => catalogue.usage_by(&query, Some(param)),
            }
        })?)
    }

    /// Says what is in order, and what is not: stale, damaged, not trusted.
    fn status(&self, py: Python<'_>, selection: Selection, inputs: bool) -> PyResult<String> {
        let query = selection.query().map_err(|error| raised(py, error))?;
        let secret = secret_of_environment()?;
        json_of(&self.catalogues.run(py, |catalogue| {
            let query = selection.narrow(catalogue, query)?;
            status::of(catalogue, &query, inputs, secret.as_deref())
        })?)
    }

    /// Returns the manifest of an artifact; of one that was removed, that in its record.
    fn manifest(&self, py: Python<'_>, stem: &str) -> PyResult<String> {
        json_of(&self.catalogues.run(py, |catalogue| {
            let artifact = catalogue.find(stem)?;
            catalogue.manifest(&artifact)
        })?)
    }

    /// Compares an artifact with its digest. If `repair` says so, a damaged one goes to quarantine.
    fn verify(&self, py: Python<'_>, stem: &str, repair: bool) -> PyResult<String> {
        json_of(&self.catalogues.run(py, |catalogue| {
            let artifact = match catalogue.find(stem) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Verified::Gone),
                found => found?,
            };
            let table = catalogue.table(&Query::new().only([artifact.stem]).columns([]))?;
            match table.rows.first() {
                Some(row) => catalogue.verify(row, repair),
                None => Ok(Verified::Gone),
            }
        })?)
    }

    /// Changes what people say of an artifact: adds and removes tags; sets or takes off the pin and the note, of which an outer
    /// `None` changes nothing. Returns what they say now. The caller looks at the store anew, once after several of these.
    #[pyo3(signature = (stem, added, removed, pin, note))]
    fn label(
        &self,
        py: Python<'_>,
        stem: &str,
        added: Vec<String>,
        removed: Vec<String>,
        pin: Option<(Option<String>,)>,
        note: Option<(Option<String>,)>,
    ) -> PyResult<String> {
        json_of(&self.catalogues.run(py, |catalogue| {
            let artifact = catalogue.find(stem)?;
            catalogue.label(&artifact, |labels| {
                labels.tags.extend(added);
                labels.tags.retain(|tag| !removed.contains(tag));
                if let Some((pin,)) = pin {
                    labels.pinned = pin;
                }
                if let Some((note,)) = note {
                    labels.note = note;
                }
            })
        })?)
    }

    /// Returns what people say of an artifact.
    fn labels(&self, py: Python<'_>, stem: &str) -> PyResult<String> {
        json_of(&self.catalogues.run(py, |catalogue| Ok(catalogue.store().labels(stem)?))?)
    }

    /// Plans what to remove: all that is selected; what is beyond a size, older than an age or unused for longer; what is damaged;
    /// what is stale.
    #[pyo3(signature = (selection, is_all, limits, damaged, stale))]
    fn plan_removal(
        &self,
        py: Python<'_>,
        selection: Selection,
        is_all: bool,
        limits: (Option<u64>, Option<f64>, Option<f64>),
        damaged: bool,
        stale: bool,
    ) -> PyResult<PyRemovalPlan> {
        let (most_bytes, longest_age_seconds, longest_unused_seconds) = limits;
        let duration = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let mut rules = RemovalRules::new();
        if is_all {
            rules = rules.all();
        }
        if let Some(bytes) = most_bytes {
            rules = rules.most_bytes(bytes);
        }
        if let Some(seconds) = longest_age_seconds {
            rules = rules.longest_age(duration(seconds));
        }
        if let Some(seconds) = longest_unused_seconds {
            rules = rules.longest_unused(duration(seconds));
        }
        if damaged {
            rules = rules.damaged();
        }
        if stale {
            rules = rules.stale();
        }
        let query = selection.query().map_err(|error| raised(py, error))?;
        let plan = self.catalogues.run(py, |catalogue| {
            let query = selection.narrow(catalogue, query)?;
            catalogue.plan_removal(&query, &rules)
        })?;
        Ok(PyRemovalPlan { plan })
    }

    /// Removes what was planned. `progress` is told how many are done.
    #[pyo3(signature = (plan, progress))]
    fn remove(&self, py: Python<'_>, plan: &PyRemovalPlan, progress: Option<Py<PyAny>>) -> PyResult<String> {
        let mut done = 0_usize;
        json_of(&self.catalogues.run(py, |catalogue| {
            catalogue.remove(&plan.plan, &mut |_| {
                done += 1;
                let Some(progress) = &progress else { return };
                if let Err(error) = Python::attach(|py| progress.call1(py, (done, plan.plan.removed.len())).map(drop)) {
                    waiting::note(error);
                }
            })
        })?)
    }

    /// Writes artifacts into one file, with what they were made from. `progress` is told how many bytes are done.
    #[pyo3(signature = (selection, file, progress))]
    fn export(
        &self,
        py: Python<'_>,
        selection: Selection,
        file: PathBuf,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let query = selection.query().map_err(|error| raised(py, error))?;
        let keys = account_key::keys(secret_of_environment()?.as_deref());
        json_of(&self.catalogues.run(py, |catalogue| {
            let query = selection.narrow(catalogue, query)?;
            exchange::export_to(catalogue, &query, &file, keys, progress.as_ref())
        })?)
    }

    /// Reads the artifacts of a file that was exported.
    #[pyo3(signature = (file, progress))]
    fn import_file(&self, py: Python<'_>, file: PathBuf, progress: Option<Py<PyAny>>) -> PyResult<String> {
        let keys = account_key::keys(secret_of_environment()?.as_deref());
        json_of(&self.catalogues.run(py, |catalogue| {
            let imported = exchange::import_from(catalogue.store(), &file, keys, progress.as_ref())?;
            catalogue.refresh()?;
            Ok(imported)
        })?)
    }

    /// Lists what persistable 1.x left in the folder, each with what can be done, in words.
    fn former(&self, py: Python<'_>) -> PyResult<String> {
        let found = self.catalogues.run(py, |catalogue| former(catalogue.store()))?;
        json_of(&found.iter().map(|former| (former, former.advice.to_string())).collect::<Vec<_>>())
    }

    /// Returns the last entries of the log.
    fn log(&self, py: Python<'_>, entries: log::Entries, limit: usize) -> PyResult<String> {
        let Some(filter) = entries.filter() else {
            return Err(PyValueError::new_err("a level of the log is debug, info, warning or error"));
        };
        json_of(&self.catalogues.run(py, |catalogue| Log::of(catalogue.store())?.last(limit, &filter))?)
    }
}

/// Reads a size such as `10 GB`.
#[pyfunction]
pub(crate) fn size_in_bytes(py: Python<'_>, text: &str) -> PyResult<u64> {
    persistable_catalogue::size_in_bytes(text).map_err(|error| raised(py, error))
}

/// Reads an age such as `30d`.
#[pyfunction]
pub(crate) fn age_in_seconds(py: Python<'_>, text: &str) -> PyResult<f64> {
    persistable_catalogue::age_in_seconds(text).map_err(|error| raised(py, error))
}
