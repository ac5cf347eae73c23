//! A record of a step's code, and its digests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use persistable::store::Digest;
use persistable::{CodeItem, CodeRecord, ErrorKind};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::snapshot::{CodeSnapshot, Verdict};
use crate::errors;
use crate::once::intern;

/// The tag of digests of source.
const AST: &str = "ast";

/// The code of a step as it was when it was looked at. Constants that change later leave it as it is.
pub(crate) struct StepCode {
    /// A `persistable._code.Record`.
    record: Py<PyAny>,
    snapshot: CodeSnapshot,
    tag: String,
    quick: CodeRecord,
    /// The digest of all items.
    digest: Digest,
    /// The digest without the names that were left out last.
    last: Mutex<Option<(Vec<String>, Digest)>>,
    full: Mutex<Option<Arc<CodeRecord>>>,
    key: Mutex<Option<Digest>>,
}

impl StepCode {
    pub(super) fn of(record: Bound<'_, PyAny>) -> PyResult<Self> {
        let py = record.py();
        // Before the items are digested: what another thread changes meanwhile must not be taken for what was digested.
        let snapshot = CodeSnapshot::of(&record)?;
        let tag: String =
            py.import(intern!(py, "persistable._code.bytecode"))?.getattr(intern!(py, "TAG"))?.extract()?;
        let quick = items_of(&record, "quick")?;
        let digest = digest_of(&quick, &tag)?;
        Ok(Self {
            record: record.unbind(),
            snapshot,
            tag,
            quick,
            digest,
            last: Mutex::default(),
            full: Mutex::default(),
            key: Mutex::default(),
        })
    }

    pub(super) fn check(&self, py: Python<'_>) -> Verdict {
        self.snapshot.check(self.record.bind(py))
    }

    /// Returns the record with other values of constants; `None` where the code has to be walked again.
    pub(super) fn refreshed(&self, py: Python<'_>) -> PyResult<Option<Self>> {
        let refreshed = self.record.bind(py).call_method0(intern!(py, "refreshed"))?;
        if refreshed.is_none() { Ok(None) } else { Self::of(refreshed).map(Some) }
    }

    /// Returns the tag of digests of bytecode, and the digest over all items but those of the given names.
    ///
    /// These are the constants that are known to change while a payload is generated. To ask again for the same names, or
    /// for none, costs nothing.
    pub(crate) fn quick(&self, state: &[String]) -> PyResult<(&str, Digest)> {
        if state.is_empty() {
            return Ok((&self.tag, self.digest));
        }
        if let Ok(last) = self.last.try_lock()
            && let Some((names, digest)) = last.as_ref()
            && names == state
        {
            return Ok((&self.tag, *digest));
        }
        let digest = digest_of(&self.quick.without(state), &self.tag)?;
        // What is known to be state is not looked at on each hit.
        Python::attach(|py| self.record.bind(py).call_method1(intern!(py, "note_states"), (state,)).map(drop))?;
        if let Ok(mut last) = self.last.try_lock() {
            *last = Some((state.to_vec(), digest));
        }
        Ok((&self.tag, digest))
    }

    /// Returns the items with digests of bytecode alone.
    pub(crate) fn quick_record(&self) -> &CodeRecord {
        &self.quick
    }

    /// Returns the record with digests of source too, which takes about ten times as long as the quick one.
    pub(crate) fn full(&self, py: Python<'_>) -> PyResult<Arc<CodeRecord>> {
        if let Ok(full) = self.full.try_lock()
            && let Some(full) = full.as_ref()
        {
            return Ok(Arc::clone(full));
        }
        let full = Arc::new(items_of(self.record.bind(py), "full")?);
        if let Ok(mut kept) = self.full.try_lock() {
            *kept = Some(Arc::clone(&full));
        }
        Ok(full)
    }

    /// Returns what an artifact records of the code.
    pub(crate) fn record(py: Python<'_>, code: &Self) -> PyResult<CodeRecord> {
        Ok(CodeRecord::clone(&*code.full(py)?))
    }

    /// Returns the digest without some items, under the tag under which it is quickly had.
    pub(crate) fn stamp(&self, without: &[String]) -> PyResult<Option<(String, Digest)>> {
        let (tag, digest) = self.quick(without)?;
        Ok(Some((tag.to_owned(), digest)))
    }

    /// Returns the names of the constants that changed since the record was made, for which a generation is to blame. In
    /// later records of this process, they have the value that they had before.
    pub(crate) fn state_since(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.record.bind(py).call_method0(intern!(py, "state_since"))?.extract()
    }

    /// Returns the digest of the source of all items and the values of all constants, for a key.
    ///
    /// Raises `UnsupportedParameterError` where the record does not tell all: an item whose source is not what runs, or a
    /// constant without an identity.
    pub(crate) fn key_digest(&self, py: Python<'_>) -> PyResult<Digest> {
        if let Ok(key) = self.key.try_lock()
            && let Some(digest) = *key
        {
            return Ok(digest);
        }
        let problem: Option<String> = self.record.bind(py).call_method0(intern!(py, "key_problem"))?.extract()?;
        let refused = |problem: &str| errors::exception(py, ErrorKind::UnsupportedParameter, problem);
        if let Some(problem) = problem {
            return Err(refused(&problem));
        }
        // A cache that is full and one that is empty must not be two artifacts.
        let state: Vec<String> = self.record.bind(py).call_method0(intern!(py, "filled"))?.extract()?;
        let digest = self.full(py)?.without(&state).digest(AST);
        let digest = digest.ok_or_else(|| refused("the source of this step's code is not known"))?;
        if let Ok(mut key) = self.key.try_lock() {
            *key = Some(digest);
        }
        Ok(digest)
    }
}

fn digest_of(record: &CodeRecord, tag: &str) -> PyResult<Digest> {
    record.digest(tag).ok_or_else(|| PyValueError::new_err(format!("an item of a record lacks a digest of {tag}")))
}

/// Calls a method that returns the items of a record.
fn items_of(record: &Bound<'_, PyAny>, method: &str) -> PyResult<CodeRecord> {
    type Item = (String, Option<String>, Option<u32>, BTreeMap<String, String>);
    let py = record.py();
    let mut found = CodeRecord::new();
    for item in record.call_method0(method)?.try_iter()? {
        let (name, file, line, digests): Item = item?.extract()?;
        let mut item = CodeItem::new(name, "", "");
        (item.file, item.line, item.digests) = (file, line, digests);
        found.add(item);
    }
    found.unseen = record.getattr(intern!(py, "unseen"))?.extract()?;
    Ok(found)
}

/// The record of a step's code, as Python sees it.
#[pyclass(frozen, name = "StepCode", module = "persistable._core")]
pub(crate) struct PyStepCode(pub(super) Arc<StepCode>);

#[pymethods]
impl PyStepCode {
    /// The tag of digests of bytecode, and the digest over all items but those of the given names.
    #[pyo3(signature = (state = Vec::new()))]
    fn quick(&self, state: Vec<String>) -> PyResult<(&str, String)> {
        let (tag, digest) = self.0.quick(&state)?;
        Ok((tag, digest.to_string()))
    }

    /// The digests over all items by their tags, without the items of the given names.
    #[pyo3(signature = (state = Vec::new()))]
    fn digests(&self, py: Python<'_>, state: Vec<String>) -> PyResult<BTreeMap<String, String>> {
        let digests = self.0.full(py)?.without(&state).digests();
        Ok(digests.into_iter().map(|(tag, digest)| (tag, digest.to_string())).collect())
    }

    /// The names of the constants that changed since.
    fn state_since(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.0.state_since(py)
    }

    /// The digest that a key has, in hex.
    fn key_digest(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.0.key_digest(py)?.to_string())
    }

    /// How this code differs from an earlier record's, in words.
    fn changes_since(&self, py: Python<'_>, earlier: &Self) -> PyResult<Vec<String>> {
        let changes = self.0.full(py)?.changes_since(&*earlier.0.full(py)?);
        Ok(changes.iter().map(ToString::to_string).collect())
    }

    /// How many references are compared on each hit.
    fn watched_count(&self) -> usize {
        self.0.snapshot.len()
    }

    /// The names of the items, and how each stands in the source.
    fn items(&self) -> Vec<String> {
        self.0.quick_record().items.iter().map(ToString::to_string).collect()
    }

    /// The record of the Python side.
    #[getter]
    fn record(&self, py: Python<'_>) -> Py<PyAny> {
        self.0.record.clone_ref(py)
    }
}
