//! A Python step below another one, as what makes an artifact.

use std::sync::{Arc, Weak};

use persistable::__private::{Maker, Policies, Upstream, lazily};
use persistable::store::fork::Once;
use persistable::store::{Digest, Store};
use persistable::{CodeChange, CodeRecord, ParamsTree, Resources};
use pyo3::prelude::*;

use crate::call;
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
    code: Once<Option<Arc<StepCode>>>,
}

/// Returns a step as one that another depends on.
pub(crate) fn upstream_of(tree: ParamsTree, step: &Bound<'_, PyAny>) -> PyResult<Upstream> {
    Ok(Upstream(Arc::new(maker_of(tree, step)?)))
}

fn maker_of(tree: ParamsTree, step: &Bound<'_, PyAny>) -> PyResult<PyMaker> {
    let policies = policies_of(step)?;
    let store = store_of(step, Handle::of(step)?.get(), false)?;
    let object = step.clone().unbind();
    Ok(PyMaker { object, tree, store, policies, code: Once::new() })
}

/// A step of a plan, which tells of the steps that it directly depends on.
struct PlannedMaker {
    maker: PyMaker,
    /// The plan has them: dropping a chain of owners would go as deep as the chain. It says of each whether it is lazy.
    below: Vec<(Weak<dyn Maker>, bool)>,
    resources: Resources,
    /// Tells of a step whether it needs no other.
    is_local: Py<PyAny>,
}

/// Returns a step of a plan.
pub(crate) fn planned(
    tree: ParamsTree,
    step: &Bound<'_, PyAny>,
    below: Vec<(Weak<dyn Maker>, bool)>,
    resources: Resources,
    is_local: &Bound<'_, PyAny>,
) -> PyResult<Upstream> {
    let maker = maker_of(tree, step)?;
    Ok(Upstream(Arc::new(PlannedMaker { maker, below, resources, is_local: is_local.clone().unbind() })))
}

impl Maker for PlannedMaker {
    fn tree(&self) -> &ParamsTree {
        &self.maker.tree
    }

    fn store(&self) -> &Store {
        &self.maker.store
    }

    fn policies(&self) -> Policies {
        self.maker.policies
    }

    fn code(&self) -> CodeRecord {
        self.maker.code()
    }

    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        self.maker.quick_code(without)
    }

    fn code_digest(&self) -> Option<&'static str> {
        None
    }

    fn step_type(&self) -> Option<String> {
        self.maker.step_type()
    }

    fn below(&self) -> Vec<Upstream> {
        let step = |(below, is_lazy): &(Weak<dyn Maker>, bool)| {
            let step = Upstream(below.upgrade()?);
            Some(if *is_lazy { lazily(step) } else { step })
        };
        self.below.iter().filter_map(step).collect()
    }

    fn resources(&self) -> Resources {
        self.resources.clone()
    }

    fn is_known(&self) -> bool {
        Python::attach(|py| {
            let asked = self.is_local.bind(py).call1((self.maker.object.bind(py),));
            call::found_by_the_way(py, asked.and_then(|is_local| is_local.is_truthy()))
        })
    }
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
    /// Runs what looks at the code.
    fn look_at_code<T: Default>(&self, look: impl FnOnce(Python<'_>, &StepCode) -> PyResult<T>) -> T {
        if self.policies.code_change == CodeChange::Ignore {
            return T::default();
        }
        Python::attach(|py| {
            let find = || call::found_by_the_way(py, code_of(self.object.bind(py)));
            call::look_at(py, self.code.get_or_make(find).as_ref(), look)
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
        self.look_at_code(StepCode::record)
    }

    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        self.look_at_code(|_, code| code.stamp(without))
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
