//! What steps are for the time of a run: worked out once, and not once a step and call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use persistable::__private::{InputUse, params_digest, tree_of_key};
use persistable::ParamsTree;
use persistable_key::Key;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::of_core;
use crate::handle::Handle;
use crate::tree::{self, Present};

/// How many steps are frozen. Where none is, no call looks for it.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// What a step is until it is thawed, whatever becomes of its params.
pub(crate) struct Frozen {
    pub(crate) tree: ParamsTree,
    inputs: Vec<InputUse>,
    dependencies: Vec<Py<PyAny>>,
    /// Whether nothing is known of it but its name and its key: it can be loaded and not generated.
    pub(crate) is_key_only: bool,
}

impl Frozen {
    pub(crate) fn new(present: &Present<'_>) -> Arc<Self> {
        COUNT.fetch_add(1, Ordering::Relaxed);
        let dependencies = present.dependencies.iter().map(|step| step.clone().unbind()).collect();
        Arc::new(Self { tree: present.tree.clone(), inputs: present.inputs.clone(), dependencies, is_key_only: false })
    }

    pub(crate) fn present<'py>(&self, py: Python<'py>) -> Present<'py> {
        let dependencies = self.dependencies.iter().map(|step| step.bind(py).clone()).collect();
        Present { tree: self.tree.clone(), inputs: self.inputs.clone(), dependencies, below: Vec::new() }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        COUNT.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns what a step is for the time of a run.
pub(crate) fn frozen_of(step: &Bound<'_, PyAny>) -> Option<Arc<Frozen>> {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return None;
    }
    Handle::of_used(step)?.get().frozen()
}

/// Makes a step one of which nothing is known but its name and its key.
#[pyfunction]
pub(crate) fn freeze_as_key(
    step: &Bound<'_, PyAny>,
    payload_name: &str,
    key: &str,
    params_digest: [u8; 32],
) -> PyResult<()> {
    let py = step.py();
    let key: Key = key.parse().map_err(|_| PyValueError::new_err(format!("{key:?} is not a key")))?;
    let tree = tree_of_key(payload_name, key, params_digest).map_err(|error| of_core(py, error))?;
    COUNT.fetch_add(1, Ordering::Relaxed);
    let frozen = Frozen { tree, inputs: Vec::new(), dependencies: Vec::new(), is_key_only: true };
    Handle::of(step)?.get().set_frozen(Some(Arc::new(frozen)));
    Ok(())
}

/// Returns what a worker needs to load a step that it can't work out: its name, its key, and the digest of its params.
#[pyfunction]
pub(crate) fn key_parts(step: &Bound<'_, PyAny>) -> PyResult<(String, String, [u8; 32])> {
    let tree = tree::of(step)?;
    Ok((tree.payload_name().to_owned(), tree.key().to_string(), params_digest(&tree)))
}
