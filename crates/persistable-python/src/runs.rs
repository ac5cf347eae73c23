//! Runs of Python steps: the plan and the state machine of the core, and one step on a worker.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use persistable::__private::{
    Copies, Ending, Ensured, Handles, How, Machine, RunRules, Upstream, artifact_id, ensure as core_ensure, is_stale,
    plan_of, sync_what_is_left,
};
use persistable::store::backend::GroupSync;
use persistable::store::{ArtifactId, Store, StoreId};
use persistable::{OnError, Plan, Resources};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::IfMissing;
use crate::data_folder::store_of;
use crate::errors::{of_core, of_store};
use crate::frozen::{Frozen, freeze, thaw};
use crate::handle::Handle;
use crate::lazy::lazy_of;
use crate::maker::planned;
use crate::once::intern;
use crate::opening::{Asked, Opened};
use crate::operations::load_or_generate_present;
use crate::overridden::is_overridden;
use crate::tree;

/// What a run of steps would do, with the steps themselves.
#[pyclass(frozen, name = "RunPlan", module = "persistable._core")]
pub(crate) struct RunPlan {
    plan: Plan,
    /// The steps, in the order of the plan.
    steps: Vec<Py<PyAny>>,
    /// All objects that are these steps, or lazy dependencies of them.
    handles: Handles,
    /// The objects, by the addresses of what makes their artifacts.
    by_maker: Arc<ByMaker>,
    /// What all steps are, also those that the plan does not need.
    frozen: Vec<(Py<PyAny>, Arc<Frozen>)>,
    /// The plan's steps, and all below them.
    _makers: Vec<Upstream>,
}

type ByMaker = HashMap<usize, Py<PyAny>>;

fn objects_of(py: Python<'_>, by_maker: &ByMaker, makers: &[Upstream]) -> Vec<Py<PyAny>> {
    makers.iter().filter_map(|maker| Some(by_maker.get(&address_of(maker))?.clone_ref(py))).collect()
}

#[pymethods]
impl RunPlan {
    /// Looks at what is there. `is_local` tells of a missing step whether its payload is known already, so that it needs no other. If
    /// `regenerates_stale`, what is stale counts as missing.
    #[new]
    #[pyo3(signature = (targets, is_local, regenerates_stale = false))]
    fn new<'py>(
        py: Python<'py>,
        targets: Vec<Bound<'py, PyAny>>,
        is_local: &Bound<'py, PyAny>,
        regenerates_stale: bool,
    ) -> PyResult<Self> {
        let found = tree::of_steps(&targets)?;
        let mut makers: HashMap<usize, Upstream> = HashMap::with_capacity(found.len());
        let mut by_maker = HashMap::with_capacity(found.len());
        let mut frozen = Vec::with_capacity(found.len());
        for (step, present) in &found {
            let lazy: Vec<usize> = lazy_of(step)?.iter().map(|step| address(&step)).collect();
            let maker_of = |step: &Bound<'py, PyAny>| makers.get(&address(step)).map(|maker| Arc::downgrade(&maker.0));
            let is_lazy = |step: &Bound<'py, PyAny>| lazy.contains(&address(step));
            let below = present.dependencies.iter().filter_map(|step| Some((maker_of(step)?, is_lazy(step)))).collect();
            let maker = planned(present.tree.clone(), step, below, resources_of(step)?, is_local)?;
            by_maker.insert(address_of(&maker), step.clone().unbind());
            frozen.push((step.clone().unbind(), Frozen::new(present)));
            makers.insert(address(step), maker);
        }
        let wanted: Vec<Upstream> = targets.iter().filter_map(|step| makers.get(&address(step)).cloned()).collect();
        let plan =
            py.detach(|| plan_of(wanted.iter().cloned(), regenerates_stale)).map_err(|error| of_core(py, error))?;
        let step_at = |index| plan.upstream(index).and_then(|maker| by_maker.get(&address_of(maker)));
        let steps = (0..plan.steps().len()).filter_map(|index| Some(step_at(index)?.clone_ref(py))).collect();
        let handles = Handles::of(&wanted, &plan);
        let by_maker = Arc::new(by_maker);
        Ok(Self { plan, steps, handles, by_maker, frozen, _makers: makers.into_values().collect() })
    }

    fn __len__(&self) -> usize {
        self.steps.len()
    }

    /// The steps, in the order of the plan.
    #[getter]
    fn steps(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
        self.steps.iter().map(|step| step.clone_ref(py)).collect()
    }

    /// For each step, all objects that are this step. Each has a payload of its own in memory.
    #[getter]
    fn objects(&self, py: Python<'_>) -> Vec<Vec<Py<PyAny>>> {
        (0..self.steps.len()).map(|index| objects_of(py, &self.by_maker, self.handles.of_step(index))).collect()
    }

    /// Objects that the steps may ask for and that the plan does not have: lazy dependencies, and all below them.
    #[getter]
    fn lazy_objects(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
        objects_of(py, &self.by_maker, &self.handles.beside())
    }

    /// For each step: its payload name, its key, its state, its seconds, and whether it was asked for.
    fn rows(&self) -> Vec<(String, String, &'static str, Option<f64>, bool)> {
        let row = |step: persistable::PlannedStep<'_>| {
            let (name, key) = (step.payload_name().to_owned(), step.key().to_string());
            (name, key, step.state().as_str(), step.seconds(), step.is_target())
        };
        self.plan.steps().map(row).collect()
    }

    /// For each step: how large its persisted payload is; `None` where it is missing.
    fn sizes(&self) -> Vec<Option<u64>> {
        self.plan.steps().map(|step| Some(step.manifest()?.payload.size_bytes)).collect()
    }

    /// For each step: why its persisted payload is stale; `None` if it is not.
    fn stale(&self) -> Vec<Option<String>> {
        self.plan.steps().map(|step| step.stale().map(str::to_owned)).collect()
    }

    /// Returns how many steps are there, missing and ready.
    fn counts(&self) -> (usize, usize, usize) {
        (self.plan.present(), self.plan.missing(), self.plan.ready())
    }

    /// Returns how long the missing steps will take together.
    fn expected_seconds(&self, workers: usize) -> f64 {
        self.plan.expected(workers).as_secs_f64()
    }

    /// Returns the longest path from a step to the end of the run, in seconds.
    fn priority(&self, index: usize) -> f64 {
        self.plan.priority(index)
    }

    /// Returns what a step takes from others while it runs.
    fn needs(&self, py: Python<'_>, index: usize) -> PyResult<HashMap<String, f64>> {
        let step = self.steps.get(index).ok_or_else(|| PyIndexError::new_err("there is no such step"))?;
        Ok(resources_of(step.bind(py))?.iter().map(|(name, amount)| (name.to_owned(), amount)).collect())
    }

    /// Returns the positions of the steps that one needs.
    fn needed_by(&self, index: usize) -> Vec<usize> {
        self.plan.needed_by(index).to_vec()
    }

    /// Lets the steps be what they are now, until they are thawed, whatever becomes of their params.
    fn freeze(&self, py: Python<'_>) -> PyResult<()> {
        for (step, frozen) in &self.frozen {
            freeze(step.bind(py), Arc::clone(frozen))?;
        }
        Ok(())
    }

    /// Ends that.
    fn thaw(&self, py: Python<'_>) {
        for (step, frozen) in &self.frozen {
            thaw(step.bind(py), frozen);
        }
    }

    /// Returns the state machine of a run.
    fn machine(&self, on_error: &str, retries: u32, offer: HashMap<String, f64>) -> PyResult<RunMachine> {
        let on_error = match on_error {
            "stop" => OnError::Stop,
            "continue" => OnError::Continue,
            other => {
                let message = format!("on_error must be \"stop\" or \"continue\", not {other:?}");
                return Err(PyValueError::new_err(message));
            }
        };
        let offer = offer.into_iter().fold(Resources::new(), |offer, (name, amount)| offer.other(name, amount));
        let machine = self.plan.machine(RunRules { on_error, retries, offer });
        Ok(RunMachine { machine, handles: self.handles.clone(), by_maker: Arc::clone(&self.by_maker) })
    }

    /// Returns a missing step that no other process can generate, and where its store is.
    fn bound_to_process(&self) -> Option<(String, String)> {
        self.plan.bound_to_process().map(|(step, location)| (step.payload_name().to_owned(), location))
    }

    /// Begins to share the missing steps with other copies of this program.
    fn copies(&self, py: Python<'_>, job: Option<String>, retries: u32) -> PyResult<RunCopies> {
        py.detach(|| Copies::begin(self.missing_stores(), job, retries))
            .map(RunCopies)
            .map_err(|error| of_core(py, error))
    }

    /// Returns a missing step that failed in another copy of this program and is not tried again, with its error.
    fn failed_elsewhere(&self, py: Python<'_>, copies: &Bound<'_, RunCopies>) -> PyResult<Option<(usize, PyErr)>> {
        let copies = &copies.get().0;
        let look = || {
            for store in self.missing_stores() {
                let missing = self.missing_in(store);
                let key = |index: usize| Some(self.plan.upstream(index)?.0.tree().key());
                let steps = missing.iter().filter_map(|(index, id)| Some((*index, id, key(*index)?)));
                if let Some(failed) = copies.failed_elsewhere(store, steps)? {
                    return Ok(Some(failed));
                }
            }
            Ok(None)
        };
        let failed = py.detach(look).map_err(|error| of_core(py, error))?;
        Ok(failed.map(|(index, error)| (index, of_core(py, error))))
    }

    /// Makes durable what other runs persisted of these steps: one may still run, or was killed before it did that itself.
    fn sync_what_is_left(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| sync_what_is_left(&self.plan)).map_err(|error| of_core(py, error))
    }

    /// Returns what makes durable together what the steps persist from now on; `None` where a store can't do that.
    fn group_sync(&self, py: Python<'_>) -> PyResult<Option<RunSync>> {
        let mut syncs = Vec::new();
        for store in self.missing_stores() {
            match store.group_sync().map_err(|error| of_store(py, &error))? {
                Some(sync) => syncs.push((sync, self.missing_in(store))),
                None => return Ok(None),
            }
        }
        Ok(Some(RunSync(syncs)))
    }
}

impl RunPlan {
    /// Returns the stores that the missing steps are to be in, each once.
    fn missing_stores(&self) -> Vec<&Store> {
        let missing = self.plan.steps().enumerate().filter(|(_, step)| step.manifest().is_none());
        let stores = missing.filter_map(|(index, _)| self.plan.upstream(index)).map(|maker| maker.0.store());
        let mut seen = HashSet::new();
        stores.filter(|store| seen.insert(store.id())).collect()
    }

    /// Returns the missing steps of a store, by position.
    fn missing_in(&self, store: &Store) -> HashMap<usize, ArtifactId> {
        let missing = self.plan.steps().enumerate().filter(|(_, step)| step.manifest().is_none());
        let makers = missing.filter_map(|(index, _)| Some((index, self.plan.upstream(index)?)));
        let of_store = makers.filter(|(_, maker)| maker.0.store().id() == store.id());
        of_store.map(|(index, maker)| (index, artifact_id(maker.0.tree()).clone())).collect()
    }
}

/// This copy of a program, of which several share the steps of a run.
#[pyclass(frozen, name = "RunCopies", module = "persistable._core")]
pub(crate) struct RunCopies(Copies);

#[pymethods]
impl RunCopies {
    /// Returns what the workers of one run tell each other. `run` is a name that no other run has.
    #[staticmethod]
    fn of_run(run: String) -> Self {
        Self(Copies::of_run(run))
    }
}

/// What makes durable what is persisted in one store, and the artifacts of its steps, by position.
type OfStore = (Box<dyn GroupSync>, HashMap<usize, ArtifactId>);

/// Makes durable together what steps persisted.
#[pyclass(frozen, name = "RunSync", module = "persistable._core")]
pub(crate) struct RunSync(Vec<OfStore>);

#[pymethods]
impl RunSync {
    /// Makes durable what these steps persisted before this call.
    #[allow(clippy::needless_pass_by_value, reason = "the interface has it so")]
    fn sync(&self, py: Python<'_>, indices: Vec<usize>) -> PyResult<()> {
        let sync = |(sync, steps): &OfStore| {
            let ids: Vec<_> = indices.iter().filter_map(|index| steps.get(index)).collect();
            if ids.is_empty() { Ok(()) } else { sync.sync(&ids) }
        };
        py.detach(|| self.0.iter().try_for_each(sync)).map_err(|error| of_store(py, &error))
    }

    /// Says that all is durable that was persisted.
    fn finish(&self) {
        self.0.iter().for_each(|(sync, _)| sync.finish());
    }
}

/// The state machine of a run. One thread drives it.
#[pyclass(name = "RunMachine", module = "persistable._core")]
pub(crate) struct RunMachine {
    machine: Machine,
    handles: Handles,
    by_maker: Arc<ByMaker>,
}

#[pymethods]
impl RunMachine {
    /// Returns the first step that needs more than there is, with the name of what it lacks.
    fn too_large(&self) -> Option<(usize, String)> {
        self.machine.too_large().map(|(index, name)| (index, name.to_owned()))
    }

    /// Begins at this step of those that are equally urgent.
    fn begin_at(&mut self, first: usize) {
        self.machine.begin_at(first);
    }

    /// Starts the next step; `None` if none may start now.
    fn next(&mut self, now: f64) -> Option<usize> {
        self.machine.next(seconds(now))
    }

    /// Notes how a step ended. Returns whether that is how it ends in this run.
    fn end(&mut self, index: usize, ending: &str, now: f64) -> PyResult<bool> {
        let ending = match ending {
            "generated" => Ending::Generated,
            "found" => Ending::Found,
            "taken" => Ending::Taken,
            "failed" => Ending::Failed,
            "lost" => Ending::Lost,
            "interrupted" => Ending::Interrupted,
            other => return Err(PyValueError::new_err(format!("{other:?} is no ending"))),
        };
        let is_over = self.machine.end(index, ending, seconds(now));
        if is_over {
            self.handles.note_over(index);
        }
        Ok(is_over)
    }

    /// Starts no further step.
    fn stop(&mut self) {
        self.machine.stop();
    }

    #[getter]
    fn is_stopping(&self) -> bool {
        self.machine.is_stopping()
    }

    #[getter]
    fn is_over(&self) -> bool {
        self.machine.is_over()
    }

    /// When to look again at a step that another process has; `None` if there is none.
    #[getter]
    fn next_look(&self) -> Option<f64> {
        self.machine.next_look().map(|due| due.as_secs_f64())
    }

    /// How many steps there are, are done, run and failed.
    #[getter]
    fn counts(&self) -> (usize, usize, usize, usize) {
        let counts = self.machine.counts();
        (counts.total, counts.done, counts.running, counts.failed)
    }

    /// Returns how long the rest of the run takes on so many workers, by past durations.
    fn remaining_seconds(&self, workers: usize) -> f64 {
        self.machine.remaining(workers).as_secs_f64()
    }

    /// Returns what became of a step, as far as it is known now.
    fn state(&self, index: usize) -> &'static str {
        self.machine.state(index).as_str()
    }

    /// Returns the failed step on which one depends.
    fn blocked_by(&self, index: usize) -> Option<usize> {
        self.machine.blocked_by(index)
    }

    /// Returns how often a step was started again.
    fn restarts(&self, index: usize) -> u32 {
        self.machine.restarts(index)
    }

    /// Returns the objects whose payloads are not needed in memory any longer, each once.
    fn take_unused(&mut self, py: Python<'_>) -> Vec<Py<PyAny>> {
        let unused = self.machine.take_unused();
        objects_of(py, &self.by_maker, &self.handles.take_unused(&unused))
    }
}

/// Makes sure that a step is persisted, without loading it and without waiting for others: `"present"`, `"generated"` or `"taken"`.
///
/// If `is_synced_later`, the caller makes what was written durable. `adopts` tells whether there may be an artifact of 1.x. If
/// `regenerates_stale`, what is there is generated again if it is stale. `copies` are the copies of this program that share the run, if
/// there are such.
#[pyfunction]
#[pyo3(signature = (step, is_synced_later, adopts, regenerates_stale = false, copies = None))]
pub(crate) fn ensure(
    step: &Bound<'_, PyAny>,
    is_synced_later: bool,
    adopts: bool,
    regenerates_stale: bool,
    copies: Option<&Bound<'_, RunCopies>>,
) -> PyResult<&'static str> {
    let py = step.py();
    let present = tree::of_step(step)?;
    let handle = Handle::of(step)?;
    let is_pending = handle.get().memory().and_then(|memory| memory.get()).is_some_and(|held| held.is_pending);
    let is_by_hand = is_overridden(step, &["load_generate", "load", "generate", "persist"])?;
    if is_by_hand && regenerates_stale && Opened::new(step, Asked::default())?.run(is_stale)? {
        step.call_method0(intern!(py, "generate"))?;
        return Ok("generated");
    }
    if is_overridden(step, &["load_generate"])? {
        step.call_method0(intern!(py, "load_generate"))?;
        return Ok("generated");
    }
    if is_pending || is_by_hand {
        load_or_generate_present(step, present, &PyDict::new(py))?;
        return Ok("generated");
    }
    let making = if adopts { IfMissing::AdoptOrGenerate } else { IfMissing::Generate };
    let opened = Opened::new(step, Asked { making, present: Some(present), ..Asked::default() })?;
    let copies = copies.map(|copies| &copies.get().0);
    let how = How { is_synced_later, regenerates_stale, copies };
    Ok(match opened.run(|core| core_ensure(core, how))? {
        Ensured::Present => "found",
        Ensured::Generated => "generated",
        Ensured::Taken => "taken",
    })
}

/// Returns what makes durable together what steps persist from now on, each by its position here; `None` where a store can't do
/// that.
#[pyfunction]
pub(crate) fn group_sync_of(steps: Vec<Bound<'_, PyAny>>) -> PyResult<Option<RunSync>> {
    let mut syncs: HashMap<StoreId, OfStore> = HashMap::new();
    for (index, step) in steps.iter().enumerate() {
        let (store, id) = (store_of(step, Handle::of(step)?.get(), false)?, artifact_id(&tree::of(step)?).clone());
        if let Some((_, ids)) = syncs.get_mut(&store.id()) {
            ids.insert(index, id);
            continue;
        }
        match store.group_sync().map_err(|error| of_store(step.py(), &error))? {
            Some(sync) => syncs.insert(store.id(), (sync, HashMap::from([(index, id)]))),
            None => return Ok(None),
        };
    }
    Ok(Some(RunSync(syncs.into_values().collect())))
}

/// Returns whether a step has a payload in memory that was generated and could not be persisted.
#[pyfunction]
pub(crate) fn is_pending(step: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(Handle::of(step)?.get().memory().and_then(|memory| memory.get()).is_some_and(|held| held.is_pending))
}

/// Forgets the payload of a step, unless only memory has it.
#[pyfunction]
pub(crate) fn forget(step: &Bound<'_, PyAny>) -> PyResult<()> {
    Handle::of(step)?.get().forget();
    Ok(())
}

fn resources_of(step: &Bound<'_, PyAny>) -> PyResult<Resources> {
    let declared = step.getattr(intern!(step.py(), "resources"))?;
    let mut resources = Resources::new();
    for entry in declared.call_method0(intern!(step.py(), "items"))?.try_iter()? {
        let (name, amount): (String, f64) = entry?.extract()?;
        resources = resources.other(name, amount);
    }
    Ok(resources)
}

fn seconds(now: f64) -> Duration {
    Duration::try_from_secs_f64(now).unwrap_or_default()
}

fn address(step: &Bound<'_, PyAny>) -> usize {
    step.as_ptr().addr()
}

fn address_of(maker: &Upstream) -> usize {
    Arc::as_ptr(&maker.0).cast::<()>().addr()
}
