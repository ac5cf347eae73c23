//! Which class or function a Python step is defined by: two different ones must not share an artifact.

use std::collections::BTreeMap;
use std::sync::Arc;

use persistable::__private::register;
use persistable::store::Store;
use persistable::store::fork::Table;
use persistable::{ErrorKind, ParamsTree};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::exception;
use crate::once::{ImportedClass, intern};

/// Definitions by their address, each as what tells its owner that it is gone.
static DEFINITIONS: Table<BTreeMap<usize, Arc<Py<PyAny>>>> = Table::new(BTreeMap::new());

/// Returns the class of a step, or the function of a step that `@step` made.
pub(crate) fn of<'py>(step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match step_function_of(step)? {
        Some(function) => function.getattr(intern!(step.py(), "function")),
        None => Ok(step.get_type().into_any()),
    }
}

/// Returns what `@step` made of the function of a step; `None` for a step of a class.
pub(crate) fn step_function_of<'py>(step: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static CLASS: ImportedClass = ImportedClass::new("persistable._definition", "Definition");
    let py = step.py();
    // Most steps have none. To look for it as an attribute would cost an exception, which takes a fortieth of a hit.
    let attributes = step.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
    let Some(definition) = attributes.get_item(intern!(py, "_definition"))? else { return Ok(None) };
    // A step of a class may have an attribute of this name.
    Ok(definition.is_instance(CLASS.get(py)?)?.then_some(definition))
}

/// Registers the definition of a step as the one that has its artifact.
pub(crate) fn register_for(step: &Bound<'_, PyAny>, store: &Store, tree: &ParamsTree) -> PyResult<()> {
    let (py, definition) = (step.py(), of(step)?);
    let address = definition.as_ptr().addr();
    note(&definition)?;
    let Some(earlier) = register(store, tree.key(), address as u64, false) else { return Ok(()) };
    let known = usize::try_from(earlier).ok().and_then(|earlier| DEFINITIONS.lock().get(&earlier).cloned());
    let other = match known {
        Some(reference) => reference.bind(py).call0()?,
        None => py.None().into_bound(py),
    };
    let rules = py.import(intern!(py, "persistable._definitions"))?;
    let conflict = rules.call_method1(intern!(py, "conflict"), (step, &definition, other))?;
    if conflict.is_none() {
        let _earlier = register(store, tree.key(), address as u64, true);
        return Ok(());
    }
    let message = format!("{}({}): {conflict}", tree.payload_name(), tree.key().short());
    Err(exception(py, ErrorKind::Conflict, &message))
}

fn note(definition: &Bound<'_, PyAny>) -> PyResult<()> {
    let (py, address) = (definition.py(), definition.as_ptr().addr());
    let known = DEFINITIONS.lock().get(&address).cloned();
    if let Some(known) = known
        && known.bind(py).call0()?.is(definition)
    {
        return Ok(());
    }
    let reference = py.import(intern!(py, "weakref"))?.call_method1(intern!(py, "ref"), (definition,))?;
    let earlier = DEFINITIONS.lock().insert(address, Arc::new(reference.unbind()));
    drop(earlier);
    Ok(())
}
