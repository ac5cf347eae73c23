//! The one thing that a Python step has of the core: what it holds in memory, and where its data folder is.

use std::path::PathBuf;
use std::sync::Arc;

use persistable::__private::{LentLeases, Made, PayloadInMemory, is_same_but_for_name, persisted_digest};
use persistable::ParamsTree;
use persistable::store::fork::Shared;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType, PyWeakrefMethods, PyWeakrefReference};

use crate::folder::Folder;
use crate::memory::{Memory, StepIdentity};
use crate::once::intern;
use crate::ongoing::Ongoing;
use crate::payload::PyPayload;
use crate::{folder, tree};

/// What the core keeps for one Python step, under the one name that the object has for it.
///
/// A copy of the object's attributes has the handle of the original, and gets one of its own when it is used.
#[pyclass(frozen, name = "Handle", module = "persistable._core")]
pub(crate) struct Handle {
    state: Shared<HandleState>,
    /// Where leases are lent to the step's methods, whatever these put into memory.
    lent_leases: LentLeases,
    pub(crate) ongoing: Ongoing,
}

/// Looked at and changed in a moment, without any Python code being run.
#[derive(Default)]
struct HandleState {
    /// A weak reference to the step that has this handle.
    owner: Option<Py<PyWeakrefReference>>,
    folder: Option<Arc<Folder>>,
    /// The payload that the step has.
    memory: Option<Arc<Memory>>,
    /// Where the payload of the present params is about to be. Until it is there, the step has the earlier one.
    filling: Option<Arc<Memory>>,
    /// The default logger, with what it was made for.
    logger: Option<Py<PyAny>>,
    /// Those of the step's dependencies that are lazy, if any is.
    lazy: Option<Py<PyTuple>>,
}

impl HandleState {
    /// Returns the payload that the step has, of which another thread may just have put a new one there.
    fn memory(&mut self) -> (Option<Arc<Memory>>, Option<Arc<Memory>>) {
        (self.filling.clone(), self.memory.clone())
    }
}

/// Returns the handle that a step's attributes have. Those of a shallow copy may have one that comes after other steps.
fn in_place_of(found: Bound<'_, PyAny>) -> Option<Bound<'_, Handle>> {
    found.cast_into::<Handle>().map_or_else(
        |error| {
            let found = error.into_inner();
            found.getattr(intern!(found.py(), "handle")).ok()?.cast_into().ok()
        },
        Some,
    )
}

fn name(py: Python<'_>) -> &Bound<'_, PyString> {
    intern!(py, "_persistable_handle")
}

impl Handle {
    fn new() -> Self {
        Self::with(HandleState::default(), LentLeases::new())
    }

    fn with(state: HandleState, lent_leases: LentLeases) -> Self {
        Self { state: Shared::new(state), lent_leases, ongoing: Ongoing::none() }
    }

    /// Returns the handle of a step, which gets one if it has none of its own yet.
    pub(crate) fn of<'py>(step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let py = step.py();
        let attributes = step.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
        let found = attributes.get_item(name(py))?.and_then(in_place_of);
        let own = match &found {
            Some(handle) if handle.get().is_of(step) => return Ok(handle.clone()),
            Some(of_original) => of_original.get().copied(py),
            None => Self::new(),
        };
        let owner = PyWeakrefReference::new(step)?.unbind();
        own.state.with(|state| state.owner = Some(owner));
        let own = Bound::new(py, own)?;
        match found {
            Some(_) => attributes.set_item(name(py), &own)?,
            None => {
                // Of two threads that come here first, one makes it.
                let kept = attributes.call_method1(intern!(py, "setdefault"), (name(py), &own))?;
                return Ok(kept.cast_into::<Self>()?);
            }
        }
        Ok(own)
    }

    fn is_of(&self, step: &Bound<'_, PyAny>) -> bool {
        let owner = self.state.with(|state| state.owner.as_ref().map(|owner| owner.clone_ref(step.py())));
        owner.is_some_and(|owner| owner.bind(step.py()).upgrade().is_some_and(|owner| owner.is(step)))
    }

    fn owner<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.state.with(|state| state.owner.as_ref().map(|owner| owner.clone_ref(py)))?.bind(py).upgrade()
    }

    /// Returns one for a copy of the step.
    fn copied(&self, py: Python<'_>) -> Self {
        let folder = self.folder();
        let lent_leases = LentLeases::new();
        let memory = self.memory().and_then(|memory| memory.copied(py, lent_leases.clone())).map(Arc::new);
        let logger = self.state.with(|state| state.logger.as_ref().map(|logger| logger.clone_ref(py)));
        let owner = self.state.with(|state| state.owner.as_ref().map(|owner| owner.clone_ref(py)));
        let lazy = self.lazy(py);
        Self::with(HandleState { owner, folder, memory, filling: None, logger, lazy }, lent_leases)
    }

    /// Forgets the payload in memory, unless only memory has it.
    pub(crate) fn forget(&self) {
        if self.memory().and_then(|memory| memory.get()).is_some_and(|held| !held.is_pending) {
            self.set(None);
        }
    }

    /// Whether the step has a default logger.
    pub(crate) fn has_logger(&self) -> bool {
        self.state.with(|state| state.logger.is_some())
    }

    pub(crate) fn lazy(&self, py: Python<'_>) -> Option<Py<PyTuple>> {
        self.state.with(|state| state.lazy.as_ref().map(|lazy| lazy.clone_ref(py)))
    }

    pub(crate) fn set_lazy(&self, lazy: Option<Py<PyTuple>>) {
        let _before = self.state.with(|state| std::mem::replace(&mut state.lazy, lazy));
    }

    pub(crate) fn folder(&self) -> Option<Arc<Folder>> {
        self.state.with(|state| state.folder.clone())
    }

    pub(crate) fn set_folder(&self, folder: Arc<Folder>) {
        let _before = self.state.with(|state| state.folder.replace(folder));
    }

    /// Returns what the step has in memory.
    pub(crate) fn memory(&self) -> Option<Arc<Memory>> {
        let (filling, memory) = self.state.with(|state| state.memory());
        let Some(filled) = filling.filter(|filling| filling.get().is_some()) else {
            return memory.filter(|memory| memory.get().is_some());
        };
        self.note_filled(&filled);
        Some(filled)
    }

    /// Notes that the step has this payload now, which was about to be there. One that a method of the user's put into memory
    /// meanwhile stays, and what was taken away is not put back.
    pub(crate) fn note_filled(&self, filled: &Arc<Memory>) {
        let _before = self.state.with(|state| {
            if !state.filling.as_ref().is_some_and(|filling| Arc::ptr_eq(filling, filled)) {
                return None;
            }
            std::mem::replace(&mut state.memory, state.filling.take())
        });
    }

    /// Returns where the payload of a step is, or is about to be, that is this at present.
    pub(crate) fn memory_for(&self, present: &ParamsTree) -> PyResult<Arc<Memory>> {
        self.ongoing.meet(present);
        let (filling, memory) = self.state.with(|state| state.memory());
        for memory in filling.into_iter().chain(memory) {
            if !matches!(memory.of(), StepIdentity::Any) && memory.of().is(present)? {
                return Ok(memory);
            }
        }
        let new = Arc::new(Memory::new(self.lent_leases.clone(), present));
        let (kept, _before) = self.state.with(|state| {
            // Another thread may have come first.
            let is_it = |memory: &&Arc<Memory>| match memory.of() {
                StepIdentity::Tree(tree) => is_same_but_for_name(present, tree),
                _ => false,
            };
            if let Some(filling) = state.filling.as_ref().filter(is_it) {
                return (Arc::clone(filling), None);
            }
            (Arc::clone(&new), state.filling.replace(Arc::clone(&new)))
        });
        Ok(kept)
    }

    /// Puts a payload of the user's into memory, or takes it away.
    fn set(&self, memory: Option<Memory>) {
        let memory = memory.map(Arc::new);
        let _before = self.state.with(|state| (state.filling.take(), std::mem::replace(&mut state.memory, memory)));
    }

    /// Whether what the step has in memory can be loaded again from where the step is.
    fn is_persisted(
        &self,
        step: &Bound<'_, PyAny>,
        held: &PayloadInMemory<PyPayload>,
        of: &StepIdentity,
    ) -> PyResult<bool> {
        let py = step.py();
        let Some(digest) = held.made.payload_digest.filter(|_| !held.is_pending) else { return Ok(false) };
        if matches!(of, StepIdentity::Any) {
            return Ok(false);
        }
        let present = tree::of(step)?;
        let data_dir = step.getattr(intern!(py, "data_dir"))?;
        let folder = self.folder();
        let folder = folder.as_ref().filter(|folder| folder.is_of(&data_dir));
        let Some(store) = folder.and_then(|folder| folder.store()) else { return Ok(false) };
        Ok(of.is(&present)? && py.detach(|| persisted_digest(store, &present)) == Some(digest))
    }

    /// Returns what a copy gets.
    fn state<'py>(&self, py: Python<'py>, is_pickled: bool) -> PyResult<Bound<'py, PyDict>> {
        let state = PyDict::new(py);
        if let Some(folder) = self.folder().and_then(|folder| folder.for_copies(py)) {
            state.set_item(intern!(py, "folder"), folder)?;
        }
        if let Some(lazy) = self.lazy(py) {
            state.set_item(intern!(py, "lazy"), lazy)?;
        }
        let Some(memory) = self.memory() else { return Ok(state) };
        let Some(held) = memory.get() else { return Ok(state) };
        if is_pickled
            && let Some(step) = self.owner(py)
            && !step.getattr(intern!(py, "pickles_payload"))?.is_truthy()?
        {
            match self.is_persisted(&step, &held, memory.of()) {
                Ok(true) => return Ok(state),
                // A step that can't say what it is takes its payload along.
                Ok(false) => {}
                Err(error) if error.is_instance_of::<PyException>(py) => {}
                Err(interrupt) => return Err(interrupt),
            }
        }
        let made = serde_json::to_string(&*held.made).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let changed = memory.changed().map(|changed| changed.digest()).transpose()?.flatten();
        state.set_item(intern!(py, "payload"), PyTuple::new(py, [&held.payload.0])?)?;
        state.set_item(intern!(py, "made"), made)?;
        state.set_item(intern!(py, "is_pending"), held.is_pending)?;
        state.set_item(intern!(py, "of"), (memory.of().digest()?, changed))?;
        Ok(state)
    }
}

#[pymethods]
impl Handle {
    /// Makes one that knows nothing yet.
    #[new]
    fn py_new() -> Self {
        Self::new()
    }

    /// The default logger, with what it was made for.
    #[getter]
    fn logger(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.state.with(|state| state.logger.as_ref().map(|logger| logger.clone_ref(py)))
    }

    #[setter]
    fn set_logger(&self, logger: Option<Py<PyAny>>) {
        let _before = self.state.with(|state| std::mem::replace(&mut state.logger, logger));
    }

    /// Returns one for a copy of the step without the payload.
    fn without_payload(&self, py: Python<'_>) -> Self {
        let (folder, lazy) = (self.folder(), self.lazy(py));
        Self::with(HandleState { folder, lazy, ..HandleState::default() }, LentLeases::new())
    }

    /// Returns one for a copy of the step.
    fn __copy__(&self, py: Python<'_>) -> Self {
        self.copied(py)
    }

    fn __deepcopy__<'py>(&self, py: Python<'py>, memo: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let copied = Bound::new(py, Self::new())?;
        let deepcopy = py.import(intern!(py, "copy"))?.getattr(intern!(py, "deepcopy"))?;
        let state = deepcopy.call1((self.state(py, false)?, memo))?;
        copied.get().__setstate__(&state.cast_into()?)?;
        Ok(copied)
    }

    /// A pickle has the payload only where it would be lost otherwise, or where the step says so.
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        Ok((py.get_type::<Self>(), PyTuple::empty(py), self.state(py, true)?))
    }

    fn __setstate__(&self, state: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = state.py();
        if let Some(folder) = state.get_item(intern!(py, "folder"))? {
            let (data_dir, path): (Py<PyAny>, PathBuf) = folder.extract()?;
            self.set_folder(Arc::new(folder::Folder::of_original(data_dir, path)));
        }
        if let Some(lazy) = state.get_item(intern!(py, "lazy"))? {
            self.set_lazy(Some(lazy.cast_into()?.unbind()));
        }
        let Some(payload) = state.get_item(intern!(py, "payload"))? else { return Ok(()) };
        let (payload,): (Py<PyAny>,) = payload.extract()?;
        let item = |key| Ok::<_, PyErr>(state.get_item(key)?.unwrap_or_else(|| py.None().into_bound(py)));
        let made: String = item("made")?.extract()?;
        let made: Made = serde_json::from_str(&made).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let (of, changed): (Option<String>, Option<String>) = item("of")?.extract()?;
        let (of, changed) = (StepIdentity::of_digest(of), changed.map(StepIdentity::Digest));
        let is_pending = item("is_pending")?.extract()?;
        self.set(Some(Memory::holding(self.lent_leases.clone(), payload, Arc::new(made), is_pending, of, changed)));
        Ok(())
    }

    #[allow(clippy::needless_pass_by_value, reason = "the interface has it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let (memories, visited) = self.state.with(|state| {
            let visited = state.logger.as_ref().map_or(Ok(()), |logger| visit.call(logger));
            let visited = visited.and_then(|()| state.lazy.as_ref().map_or(Ok(()), |lazy| visit.call(lazy)));
            (state.memory(), visited.and_then(|()| state.folder.as_ref().map_or(Ok(()), |folder| folder.visit(&visit))))
        });
        visited?;
        for memory in memories.0.iter().chain(&memories.1) {
            if let Some(held) = memory.get() {
                visit.call(&held.payload.0)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let _before = self.state.with(std::mem::take);
    }
}

/// Returns the payload that a step has in memory, also one of other params; `None` where there is none.
#[pyfunction]
pub(crate) fn in_memory(step: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let held = Handle::of(step)?.get().memory().and_then(|memory| memory.get());
    Ok(held.map(|held| held.payload.0.clone_ref(step.py())))
}

/// Puts a payload into a step's memory. `None` takes away what is there.
#[pyfunction]
pub(crate) fn set_in_memory(step: &Bound<'_, PyAny>, payload: Option<Py<PyAny>>) -> PyResult<()> {
    let handle = Handle::of(step)?;
    let earlier = handle.get().memory();
    handle.get().set(payload.map(|payload| {
        let (of, changed) = earlier.map_or((StepIdentity::Any, None), |memory| (memory.of().clone(), memory.changed()));
        let lent_leases = handle.get().lent_leases.clone();
        Memory::holding(lent_leases, payload, Arc::new(Made::that_took(None)), false, of, changed)
    }));
    Ok(())
}

/// Returns whether a step has a payload in memory, which may be `None`.
#[pyfunction]
pub(crate) fn has_in_memory(step: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(Handle::of(step)?.get().memory().is_some())
}

/// Returns whether the payload that a step has in memory is that of its present params.
#[pyfunction]
pub(crate) fn is_in_memory_current(step: &Bound<'_, PyAny>) -> PyResult<bool> {
    Handle::of(step)?.get().memory().map_or(Ok(false), |memory| memory.is_current(&tree::of(step)?))
}

/// Returns whether another thread used a step with other params since this thread began to call it.
#[pyfunction]
pub(crate) fn has_met_other_params(step: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(Handle::of(step)?.get().ongoing.has_met_other_params())
}

/// Returns the handle of a step.
#[pyfunction]
pub(crate) fn handle_of<'py>(step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Handle>> {
    Handle::of(step)
}
