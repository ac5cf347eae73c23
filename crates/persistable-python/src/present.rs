//! What a step is at some moment.

use persistable::__private::InputUse;
use persistable::ParamsTree;
use pyo3::prelude::*;

/// What a step is at present, with what its payload is made from.
pub(crate) struct Present<'py> {
    pub(crate) tree: ParamsTree,
    /// The input files and folders among its params.
    pub(crate) inputs: Vec<InputUse>,
    /// Its direct dependencies, in the order of the tree.
    pub(crate) dependencies: Vec<Bound<'py, PyAny>>,
    /// All steps below it, each once, with what they are.
    pub(crate) below: Vec<(ParamsTree, Bound<'py, PyAny>)>,
}

impl<'py> Present<'py> {
    /// Returns it for looking into memory, where nothing is made.
    pub(crate) fn for_memory(&self) -> Self {
        let (inputs, dependencies, below) = (Vec::new(), Vec::new(), Vec::new());
        Self { tree: self.tree.clone(), inputs, dependencies, below }
    }

    /// Returns it without the steps further down.
    pub(crate) fn alone(&self) -> Self {
        let (inputs, dependencies) = (self.inputs.clone(), self.dependencies.clone());
        Self { tree: self.tree.clone(), inputs, dependencies, below: Vec::new() }
    }

    /// Returns it for the time without the interpreter's lock.
    pub(crate) fn unbind(self) -> Unbound {
        let dependencies = self.dependencies.into_iter().map(Bound::unbind).collect();
        let below = self.below.into_iter().map(|(tree, step)| (tree, step.unbind())).collect();
        Unbound { tree: self.tree, inputs: self.inputs, dependencies, below }
    }
}

/// What a step was a moment ago.
pub(crate) struct Unbound {
    pub(crate) tree: ParamsTree,
    inputs: Vec<InputUse>,
    dependencies: Vec<Py<PyAny>>,
    below: Vec<(ParamsTree, Py<PyAny>)>,
}

impl Unbound {
    pub(crate) fn bind(self, py: Python<'_>) -> Present<'_> {
        let dependencies = self.dependencies.into_iter().map(|step| step.into_bound(py)).collect();
        let below = self.below.into_iter().map(|(tree, step)| (tree, step.into_bound(py))).collect();
        Present { tree: self.tree, inputs: self.inputs, dependencies, below }
    }
}
