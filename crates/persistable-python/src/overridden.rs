//! Methods that a subclass, or a test, has put in place of those of the package.

use persistable::__private::{LoadOutcome, Ways};
use persistable::store::fork::Once;
use pyo3::exceptions::PyFileNotFoundError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call;
use crate::handle::Handle;
use crate::once::intern;
use crate::opening::Failure;

/// The package's own methods, by name. A test may put others in their place on the class.
static OWN: Once<Py<PyDict>> = Once::new();

/// Notes the package's own methods: those that the core calls, or does itself where they are not overridden.
#[pyfunction]
pub(crate) fn note_own_methods(methods: Py<PyDict>) {
    // The first ones count: a module may be loaded once more.
    let _first = OWN.get_or_make(|| methods);
}

/// Returns whether a subclass, or a test on the object or a class, has its own form of one of these methods.
pub(crate) fn is_overridden(step: &Bound<'_, PyAny>, methods: &[&str]) -> PyResult<bool> {
    let py = step.py();
    let Some(own) = OWN.get() else { return Ok(true) };
    let class = step.get_type();
    let attributes = step.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
    for method in methods {
        let own = own.bind(py).get_item(method)?;
        if attributes.contains(method)?
            || !own.is_some_and(|own| class.getattr(*method).is_ok_and(|method| method.is(&own)))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `load` of a step was called by its `load_generate`, which generates what is damaged.
pub(crate) fn is_loaded_to_generate(step: &Bound<'_, PyAny>) -> bool {
    call::current().is_some_and(|call| call.step.is(step) && call.is_loading_to_generate())
}

/// The methods of a step, as they are called in place of what the core does.
pub(crate) struct Methods {
    step: Py<PyAny>,
    untracked: Py<PyDict>,
}

impl Methods {
    pub(crate) fn of(step: &Bound<'_, PyAny>, untracked: &Bound<'_, PyDict>) -> Self {
        Self { step: step.clone().unbind(), untracked: untracked.clone().unbind() }
    }

    /// Calls the step's `generate`.
    pub(crate) fn generate(&mut self) -> Result<(), Failure> {
        Ok(Python::attach(|py| {
            self.step.bind(py).call_method(intern!(py, "generate"), (), Some(self.untracked.bind(py))).map(drop)
        })?)
    }

    /// Calls the step's `persist`.
    pub(crate) fn persist(&self) -> Result<(), Failure> {
        Ok(Python::attach(|py| self.step.bind(py).call_method0(intern!(py, "persist")).map(drop))?)
    }
}

impl Ways for Methods {
    type Got = ();
    type Error = Failure;

    /// Calls the step's `load`, of which some exceptions say that there is nothing to load, or that it is damaged. If it leaves no
    /// payload in memory, there is nothing either.
    fn load(&mut self) -> Result<LoadOutcome<()>, Failure> {
        Python::attach(|py| {
            let step = self.step.bind(py);
            let load = || step.call_method(intern!(py, "load"), (), Some(self.untracked.bind(py)));
            let loaded = match call::current() {
                Some(call) => call.loading_to_generate(load),
                None => load(),
            };
            let Err(error) = loaded else {
                let is_there = Handle::of(step)?.get().memory().is_some();
                return Ok(if is_there { LoadOutcome::Loaded(()) } else { LoadOutcome::Nothing });
            };
            let damaged = py.import(intern!(py, "persistable.exceptions"))?;
            let damaged = damaged.getattr(intern!(py, "DamagedPayloadError"))?;
            match error {
                error if error.is_instance(py, &damaged) => Ok(LoadOutcome::Damaged(None)),
                error if error.is_instance_of::<PyFileNotFoundError>(py) => Ok(LoadOutcome::Nothing),
                error => Err(error.into()),
            }
        })
    }

    fn persist(&mut self) -> Result<(), Failure> {
        Self::persist(self)
    }
}
