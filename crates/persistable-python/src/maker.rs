//! A Python step below another one, as what makes an artifact.

use std::sync::{Arc, OnceLock};

use persistable::__private::{Maker, Policies, Upstream};
use persistable::store::{Digest, Store};
use persistable::{CodeChange, CodeRecord, ParamsTree};
use pyo3::prelude::*;

use crate::code::{StepCode, code_of};
use crate::data_folder::store_of;
use crate::handle::Handle;
use crate::settings;
use crate::step::type_path_of;

struct PyMaker {
    object: Py<PyAny>,
    tree: ParamsTree,
    store: Store,
    policies: Policies,
    /// Its code, once it is asked for.
    code: OnceLock<Option<Arc<StepCode>>>,
}

/// Returns a step as one that another depends on.
pub(crate) fn upstream_of(tree: ParamsTree, step: &Bound<'_, PyAny>) -> PyResult<Upstream> {
    let policies = policies_of(step)?;
    let store = store_of(step, Handle::of(step)?.get(), false)?;
    let object = step.clone().unbind();
    Ok(Upstream(Arc::new(PyMaker { object, tree, store, policies, code: OnceLock::new() })))
}

/// Returns what a step does about changes.
pub(crate) fn policies_of(step: &Bound<'_, PyAny>) -> PyResult<Policies> {
    Ok(Policies {
        code_change: settings::code_change(step)?,
        input_change: settings::input_change(step)?,
        dependency_change: settings::dependency_change(step)?,
    })
}

impl PyMaker {
    /// Runs what looks at the code. What can't be found out about it is no reason for a step to fail.
    fn look_at_code<T: Default>(&self, look: impl FnOnce(Python<'_>, &StepCode) -> PyResult<T>) -> T {
        if self.policies.code_change == CodeChange::Ignore {
            return T::default();
        }
        Python::attach(|py| {
            let code = match self.code.get() {
                Some(code) => code.clone(),
                None => {
                    let code = code_of(self.object.bind(py)).unwrap_or_default();
                    self.code.get_or_init(|| code).clone()
                }
            };
            code.and_then(|code| look(py, &code).ok()).unwrap_or_default()
        })
    }
}

impl Maker for PyMaker {
    fn tree(&self) -> &ParamsTree {
        &self.tree
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn policies(&self) -> Policies {
        self.policies
    }

    fn code(&self) -> CodeRecord {
        self.look_at_code(|py, code| code.full(py).map(|record| CodeRecord::clone(&record)))
    }

    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        self.look_at_code(|_, code| code.quick(without).map(|(tag, digest)| Some((tag.to_owned(), digest))))
    }

    fn code_digest(&self) -> Option<&'static str> {
        None
    }

    fn step_type(&self) -> Option<String> {
        Python::attach(|py| type_path_of(self.object.bind(py)))
    }

    fn below(&self) -> Vec<Upstream> {
        Vec::new() // The step that is asked tells of all below it.
    }
}
