//! What a step has in memory, and for which params.

use std::sync::{Arc, Mutex, PoisonError};

use persistable::__private::{LentLeases, Made, Memory as CoreMemory, PayloadInMemory, is_same_but_for_name};
use persistable::ParamsTree;
use pyo3::prelude::*;

use crate::payload::{PyPayload, PyStep};
use crate::tree::identity_of;

/// The payload in memory, or where one is about to be, with the params that it is for.
pub(crate) struct Memory {
    pub(crate) core: CoreMemory<PyStep>,
    of: StepIdentity,
    /// What the generation made of the params, where it changed them in place. The payload is that of these, too.
    changed: Mutex<Option<StepIdentity>>,
}

/// What a step was at some moment.
#[derive(Clone)]
pub(crate) enum StepIdentity {
    Tree(ParamsTree),
    /// The digest of params, version and dependencies: a pickle has no more.
    Digest(String),
    /// The payload was set by the user, before there was any other: whatever the params are.
    Any,
}

impl StepIdentity {
    /// Whether this is what a step is at present. The payload name may be another: a payload may be persisted under several names.
    pub(crate) fn is(&self, present: &ParamsTree) -> PyResult<bool> {
        match self {
            Self::Tree(tree) => Ok(is_same_but_for_name(present, tree)),
            Self::Digest(digest) => Ok(identity_of(present)? == *digest),
            Self::Any => Ok(true),
        }
    }

    /// Returns what a pickle has in place of this.
    pub(crate) fn digest(&self) -> PyResult<Option<String>> {
        match self {
            Self::Tree(tree) => identity_of(tree).map(Some),
            Self::Digest(digest) => Ok(Some(digest.clone())),
            Self::Any => Ok(None),
        }
    }

    pub(crate) fn of_digest(digest: Option<String>) -> Self {
        digest.map_or(Self::Any, Self::Digest)
    }
}

impl Memory {
    /// Makes an empty one, for a step as it is at present.
    pub(crate) fn new(lent_leases: LentLeases, present: &ParamsTree) -> Self {
        Self { core: CoreMemory::at(lent_leases), of: StepIdentity::Tree(present.clone()), changed: Mutex::default() }
    }

    /// Makes one that holds a payload.
    pub(crate) fn holding(
        lent_leases: LentLeases,
        payload: Py<PyAny>,
        made: Arc<Made>,
        is_pending: bool,
        of: StepIdentity,
        changed: Option<StepIdentity>,
    ) -> Self {
        let core = CoreMemory::holding(lent_leases, PyPayload(payload), made, is_pending);
        Self { core, of, changed: Mutex::new(changed) }
    }

    pub(crate) fn get(&self) -> Option<PayloadInMemory<PyPayload>> {
        self.core.get()
    }

    pub(crate) fn of(&self) -> &StepIdentity {
        &self.of
    }

    pub(crate) fn changed(&self) -> Option<StepIdentity> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_changed(&self, changed: Option<StepIdentity>) {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = changed;
    }

    /// Whether a payload in memory is that of a step as it is at present.
    pub(crate) fn is_current(&self, present: &ParamsTree) -> PyResult<bool> {
        if self.of.is(present)? {
            return Ok(true);
        }
        self.changed().map_or(Ok(false), |changed| changed.is(present))
    }

    /// Returns what a step is taken for when its payload in memory is persisted: what the payload was made for, where the
    /// generation has changed the params in place since.
    pub(crate) fn made_for(&self, present: &ParamsTree) -> PyResult<ParamsTree> {
        match &self.of {
            StepIdentity::Tree(tree) if !self.of.is(present)? => Ok(tree.clone()),
            _ => Ok(present.clone()),
        }
    }

    /// Returns the same in other memory, for a copy of the step.
    pub(crate) fn copied(&self, py: Python<'_>, lent_leases: LentLeases) -> Option<Self> {
        let PayloadInMemory { payload, made, is_pending } = self.get()?;
        Some(Self::holding(lent_leases, payload.0.clone_ref(py), made, is_pending, self.of.clone(), self.changed()))
    }
}
