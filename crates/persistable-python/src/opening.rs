//! Opening a Python step in the core, for one call: with its present params, settings and data folder, over what it has in memory.

use std::collections::HashSet;
use std::sync::Arc;

use persistable::__private::{Evolved, PayloadInMemory, Policies, open_tree};
use persistable::store::Wait;
use persistable::{CodeChange, Durability, ErrorKind, ParamsTree, Persistable, StaleWarning, StepResult, Verification};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::{self, Call, IfMissing, Listening};
use crate::data_folder::store_of;
use crate::errors;
use crate::file_name::name_of;
use crate::handle::Handle;
use crate::maker::{self, upstream_of};
use crate::memory::Memory;
use crate::once::intern;
use crate::payload::{PyPayload, PyStep};
use crate::payload_io::PyIo;
use crate::present::Present;
use crate::step_settings::{to_durability, to_verification, to_wait};
use crate::{code, definition, settings, tree, waiting};

const LIBRARY: &str = concat!("persistable ", env!("CARGO_PKG_VERSION"), " (Python)");

/// What a call of a step's method asks for.
#[derive(Default)]
pub(crate) struct Asked<'a, 'py> {
    pub(crate) untracked: Option<&'a Bound<'py, PyDict>>,
    pub(crate) making: IfMissing,
    /// Whether a data folder that was removed is created anew.
    pub(crate) creates_folder: bool,
    /// What the step is at present, where that is known.
    pub(crate) present: Option<Present<'py>>,
    /// What is worked on in place of what the present params have in memory, and what the step is taken for then.
    pub(crate) memory: Option<(Arc<Memory>, ParamsTree)>,
}

/// A step that is open for a call.
pub(crate) struct Opened<'py> {
    core: Persistable<PyStep>,
    step: Bound<'py, PyAny>,
    handle: Bound<'py, Handle>,
    call: Arc<Call>,
}

impl<'py> Opened<'py> {
    pub(crate) fn new(step: &Bound<'py, PyAny>, asked: Asked<'_, 'py>) -> PyResult<Self> {
        let handle = Handle::of(step)?;
        let present = asked.present.map_or_else(|| tree::of_step(step), Ok)?;
        let Present { tree, inputs, dependencies, below } = present;
        let (memory, tree) = match asked.memory {
            Some((memory, tree)) => (memory, tree),
            None => (handle.get().memory_for(&tree)?, tree),
        };
        let Policies { code_change, input_change, dependency_change } = maker::policies_of(step)?;
        let code = if code_change == CodeChange::Ignore { None } else { code::code_of(step)? };
        let listening = Listening::of(step, handle.get().has_logger())?;
        let is_default = listening.is_default;
        let call = Call::new(step, asked.untracked, asked.making, tree.clone(), Arc::clone(&memory), code, listening);
        let store = store_of(step, handle.get(), asked.creates_folder)?;
        if code_change != CodeChange::Ignore {
            definition::register_for(step, &store, &tree)?;
        }
        let builder = with_io(Persistable::builder(PyStep), step)?
            .durability(durability_of(step)?)
            .verification(verification_of(step)?)
            .wait(wait_of(step)?)
            .log_file(is_default)
            .library(LIBRARY)
            .interrupt(waiting::is_interrupted)
            .wait_notice(settings::wait_notice())
            .cycle_advice("call load_generate() of this step before the parallel part")
            .evolution_advice(evolution_advice)
            .code_change(code_change)
            .input_change(input_change)
            .dependency_change(dependency_change)
            .undeclared(settings::undeclared(step)?)
            .on_stale(warn)
            .environment(environment);
        let trees = tree.dependencies().iter().cloned();
        let direct = trees.zip(&dependencies).map(|(tree, step)| upstream_of(tree, step)).collect::<PyResult<_>>()?;
        let addresses: HashSet<usize> = dependencies.iter().map(|step| step.as_ptr().addr()).collect();
        let further = below.iter().filter(|(_, step)| !addresses.contains(&step.as_ptr().addr()));
        let further = further.map(|(tree, step)| upstream_of(tree.clone(), step)).collect::<PyResult<_>>()?;
        let core = open_tree(builder, tree, store, direct, further, inputs, memory.core.clone());
        Ok(Self { core, step: step.clone(), handle, call: Arc::new(call) })
    }

    /// Runs an operation of the core without the interpreter's lock.
    pub(crate) fn run<T: Send>(
        &self,
        operation: impl FnOnce(&Persistable<PyStep>) -> persistable::Result<T> + Send,
    ) -> PyResult<T> {
        self.run_mixed(|core| operation(core).map_err(Failure::Core))
    }

    /// Runs an operation of which parts are methods of the step.
    pub(crate) fn run_mixed<T: Send>(
        &self,
        operation: impl FnOnce(&Persistable<PyStep>) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        let py = self.step.py();
        let _ongoing = self.handle.get().ongoing.begin(&self.call.tree);
        let before = self.filled();
        let (core, call) = (&self.core, &self.call);
        let done = py.detach(|| call.during(|| operation(core)));
        if self.filled().is_some_and(|filled| Some(filled) != before) {
            self.handle.get().note_filled(&self.call.memory);
        }
        // What is done is done, and an interrupt is not lost.
        if let Some(signal) = self.call.take_signal() {
            return Err(signal);
        }
        done.map_err(|failure| match failure {
            Failure::Python(error) => error,
            Failure::Core(error) if error.kind() == ErrorKind::Encoding => {
                errors::of_saving(py, error, &self.what_is_saved().unwrap_or_default())
            }
            Failure::Core(error) => {
                let is_invalid = error.kind() == ErrorKind::InvalidPayload && error.operation() == "load";
                let raised = errors::of_core(py, error);
                if is_invalid {
                    self.note_invalid(&raised);
                }
                raised
            }
        })
    }

    /// Returns what this call has in memory, which the step may not have any longer.
    pub(crate) fn in_memory(&self) -> Option<PayloadInMemory<PyPayload>> {
        self.call.memory.get()
    }

    /// Returns the address of the payload in memory.
    fn filled(&self) -> Option<usize> {
        self.call.memory.get().map(|held| Arc::as_ptr(&held.payload).addr())
    }

    /// Says of an exception of the validator's which artifact it is about. One that lacks this is still the right one.
    fn note_invalid(&self, raised: &PyErr) {
        let py = self.step.py();
        let _ = py
            .import(intern!(py, "persistable._tracebacks"))
            .and_then(|module| module.call_method1(intern!(py, "note_invalid"), (raised.value(py), &self.step)));
    }

    /// Says of which type the payload is, where it was to be saved, and by what.
    fn what_is_saved(&self) -> PyResult<String> {
        let (py, step) = (self.step.py(), &self.step);
        let payload = self.call.memory.get().map(|held| held.payload.0.bind(py).get_type());
        let payload_type = payload.map_or_else(|| "object".to_owned(), |class| errors::type_name(&class));
        let io_type = errors::type_name(&step.getattr(intern!(py, "payload_io"))?.get_type());
        let whereabouts = py.import(intern!(py, "persistable._whereabouts"))?;
        let place = whereabouts.call_method1(intern!(py, "artifact_of"), (step,))?;
        Ok(format!("the payload, of type {payload_type}, can't be saved to {place} by {io_type}"))
    }
}

/// What ended an operation: an error of the core, or an exception of a method of the step.
pub(crate) enum Failure {
    Core(persistable::Error),
    Python(PyErr),
}

impl From<persistable::Error> for Failure {
    fn from(error: persistable::Error) -> Self {
        Self::Core(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

fn with_io(builder: persistable::Builder<PyStep>, step: &Bound<'_, PyAny>) -> PyResult<persistable::Builder<PyStep>> {
    let py = step.py();
    let suffix = name_of(&step.getattr(intern!(py, "payload_file_suffix"))?)?;
    let io = PyIo::new(&step.getattr(intern!(py, "payload_io"))?, suffix)?;
    Ok(io.set_trust(py, builder)?.payload_io(io))
}

/// Says how earlier results are kept when params evolve: the line to add.
fn evolution_advice(evolved: Evolved<'_>) -> String {
    match evolved {
        Evolved::Added(params) => {
            let value = |value| match value {
                "none" => "None",
                "true" => "True",
                "false" => "False",
                other => other,
            };
            let entries: Vec<String> =
                params.iter().map(|(name, shown)| format!("{name:?}: {}", value(shown))).collect();
            let entries = entries.join(", ");
            format!(
                "add added_with_defaults={{{entries}}} to @step, or _added_with_defaults = {{{entries}}} to the params class"
            )
        }
        Evolved::Reordered { from } => format!("give them in the order {from}"),
        Evolved::Renamed { from, to } => {
            format!(
                "add renamed={{{to:?}: {from:?}}} to @step, or _renamed_attributes = {{{to:?}: {from:?}}} to the params class"
            )
        }
    }
}

/// Issues a warning of Python's. A filter may make an exception of it.
fn warn(warning: &StaleWarning) -> StepResult<()> {
    Python::attach(|py| {
        let stale = py.import(intern!(py, "persistable._stale"))?;
        stale.call_method1(intern!(py, "warn_of"), (warning.kind.as_str(), warning.to_string()))?;
        Ok(())
    })
}

/// Tells of the environment. What can't be told is no reason for a generation to fail.
fn environment() -> String {
    Python::attach(|py| {
        let find = || -> PyResult<String> {
            let module = py.import(intern!(py, "persistable._environment"))?;
            module.call_method0(intern!(py, "recorded_environment"))?.extract()
        };
        call::found_by_the_way(py, find())
    })
}

fn durability_of(step: &Bound<'_, PyAny>) -> PyResult<Durability> {
    to_durability(&step.getattr(intern!(step.py(), "persist_durability"))?)
}

fn verification_of(step: &Bound<'_, PyAny>) -> PyResult<Verification> {
    to_verification(&step.getattr(intern!(step.py(), "load_verification"))?)
}

fn wait_of(step: &Bound<'_, PyAny>) -> PyResult<Wait> {
    to_wait(&step.getattr(intern!(step.py(), "lease_wait_seconds"))?)
}
