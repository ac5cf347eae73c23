//! What steps are for the time of a run: worked out once, and not once a step and call.
//!
//! A table of the process has them, by the step's address and a weak reference to the step. So a copy of a step is not frozen, and
//! neither is an object that comes to the address later.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use persistable::__private::{InputUse, tree_of_key};
use persistable::ParamsTree;
use persistable::store::fork::Table;
use persistable_key::Key;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};

use crate::errors::of_core;
use crate::present::Present;

/// The frozen steps.
static FROZEN: Table<Option<HashMap<usize, FrozenStep>>> = Table::new(None);
/// How many there are at most. Where there is none, no call looks for one.
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// From this many on, those are looked for now and then whose step is gone.
const FEW: usize = 256;

#[derive(Clone)]
struct FrozenStep {
    step: Arc<Py<PyWeakrefReference>>,
    frozen: Arc<Frozen>,
}

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
        let dependencies = present.dependencies.iter().map(|step| step.clone().unbind()).collect();
        Arc::new(Self { tree: present.tree.clone(), inputs: present.inputs.clone(), dependencies, is_key_only: false })
    }

    pub(crate) fn present<'py>(&self, py: Python<'py>) -> Present<'py> {
        let dependencies = self.dependencies.iter().map(|step| step.bind(py).clone()).collect();
        Present { tree: self.tree.clone(), inputs: self.inputs.clone(), dependencies, below: Vec::new() }
    }
}

impl FrozenStep {
    fn is_of(&self, step: &Bound<'_, PyAny>) -> bool {
        self.step.bind(step.py()).upgrade().is_some_and(|of| of.is(step))
    }

    fn is_gone(&self, py: Python<'_>) -> bool {
        self.step.bind(py).upgrade().is_none()
    }
}

/// Returns what a step is for the time of a run.
pub(crate) fn frozen_of(step: &Bound<'_, PyAny>) -> Option<Arc<Frozen>> {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let entry = FROZEN.lock().as_ref()?.get(&address(step)).cloned()?;
    entry.is_of(step).then_some(entry.frozen)
}

/// Lets a step be what it is now, until it is thawed.
pub(crate) fn freeze(step: &Bound<'_, PyAny>, frozen: Arc<Frozen>) -> PyResult<()> {
    let entry = FrozenStep { step: Arc::new(PyWeakrefReference::new(step)?.unbind()), frozen };
    let _before = change(step.py(), |table| table.insert(address(step), entry));
    Ok(())
}

/// Ends that, if the step is still frozen as this.
pub(crate) fn thaw(step: &Bound<'_, PyAny>, frozen: &Arc<Frozen>) {
    let _before = change(step.py(), |table| {
        let is_it = table.get(&address(step)).is_some_and(|entry| Arc::ptr_eq(&entry.frozen, frozen));
        is_it.then(|| table.remove(&address(step)))
    });
}

/// Changes the table. What leaves it is dropped without its lock, since that may run Python code.
fn change<T>(py: Python<'_>, change: impl FnOnce(&mut HashMap<usize, FrozenStep>) -> T) -> T {
    let (changed, entries) = {
        let mut table = FROZEN.lock();
        let table = table.get_or_insert_default();
        let changed = change(table);
        COUNT.store(table.len(), Ordering::Relaxed);
        let is_full = table.len() >= FEW && table.len() == table.capacity();
        (changed, if is_full { table.iter().map(|(at, entry)| (*at, entry.clone())).collect() } else { Vec::new() })
    };
    let gone: Vec<(usize, FrozenStep)> = entries.into_iter().filter(|(_, entry)| entry.is_gone(py)).collect();
    if !gone.is_empty() {
        let mut table = FROZEN.lock();
        let table = table.get_or_insert_default();
        for (at, entry) in &gone {
            // Another step may have come to the address meanwhile.
            if table.get(at).is_some_and(|now| Arc::ptr_eq(&now.step, &entry.step)) {
                table.remove(at);
            }
        }
        COUNT.store(table.len(), Ordering::Relaxed);
    }
    changed
}

fn address(step: &Bound<'_, PyAny>) -> usize {
    step.as_ptr().addr()
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
    let frozen = Frozen { tree, inputs: Vec::new(), dependencies: Vec::new(), is_key_only: true };
    freeze(step, Arc::new(frozen))
}
