//! Those of a step's dependencies that a run generates only when the step's code asks for them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::handle::Handle;
use crate::once::intern;

/// Notes which dependencies of a step are lazy.
#[pyfunction]
pub(crate) fn set_lazy(step: &Bound<'_, PyAny>, lazy: Bound<'_, PyTuple>) -> PyResult<()> {
    let _before = take_from_attributes(step)?;
    Handle::of(step)?.get().set_lazy((!lazy.is_empty()).then(|| lazy.unbind()));
    Ok(())
}

/// Returns the dependencies of a step that are lazy.
#[pyfunction]
pub(crate) fn lazy_of<'py>(step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = step.py();
    if let Some(lazy) = take_from_attributes(step)? {
        Handle::of(step)?.get().set_lazy(Some(lazy.unbind()));
    }
    let lazy = Handle::of(step)?.get().lazy(py);
    Ok(lazy.map_or_else(|| PyTuple::empty(py), |lazy| lazy.into_bound(py)))
}

/// Takes away the attribute that pickles of earlier versions have for these.
fn take_from_attributes<'py>(step: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = step.py();
    let attributes = step.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
    let name = intern!(py, "_lazy_dependencies");
    let Some(lazy) = attributes.get_item(name)? else { return Ok(None) };
    let lazy = lazy.cast_into().ok();
    if lazy.is_some() {
        attributes.del_item(name)?;
    }
    Ok(lazy)
}
