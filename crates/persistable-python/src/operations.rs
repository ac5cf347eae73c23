//! What a Python step does, done by the core.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use persistable::__private::{
    Made as CoreMade, Policies, check_fresh, hold, is_same_but_for_name, note_use, open_tree,
};
use persistable::store::Wait;
use persistable::{
    CodeChange, Durability, ErrorKind, ParamsTree, Persistable, StaleWarning, StepResult, Untracked, Verification,
};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::buffer::text_of;
use crate::data_store::{name_of, store_of};
use crate::errors;
use crate::logging::{self, Listening};
use crate::made::PyMade;
use crate::maker::{self, upstream_of};
use crate::payload_io::PyIo;
use crate::step::{Keeping, Made, Making, PyPayload, PyStep};
use crate::tree::{self, Present, PyParamsTree};
use crate::{code, definition, settings};

const LIBRARY: &str = concat!("persistable ", env!("CARGO_PKG_VERSION"), " (Python)");

/// What a call of a step's method asks for.
struct Asked<'a, 'py> {
    untracked: Option<&'a Bound<'py, PyDict>>,
    making: Making,
    keeping: Keeping,
    warns: bool,
    /// Whether a data folder that was removed is created anew.
    creates_folder: bool,
    /// What the step is taken for, where that is not what it is at present.
    tree: Option<ParamsTree>,
}

impl Default for Asked<'_, '_> {
    fn default() -> Self {
        Self {
            untracked: None,
            making: Making::Generate,
            keeping: Keeping::Kept,
            warns: false,
            creates_folder: false,
            tree: None,
        }
    }
}

/// One call of a step's method.
struct Call {
    handle: Persistable<PyStep>,
    listening: Listening,
    /// The exception of a signal handler, such as `KeyboardInterrupt`, that ended a wait.
    signal: Arc<Mutex<Option<PyErr>>>,
}

impl Call {
    fn new<'py>(object: &Bound<'py, PyAny>, asked: Asked<'_, 'py>) -> PyResult<Self> {
        let py = object.py();
        let Present { tree, inputs, dependencies, below } = tree::of_step(object)?;
        let tree = asked.tree.unwrap_or(tree);
        let Policies { code_change, input_change, dependency_change } = maker::policies_of(object)?;
        let step = PyStep {
            object: object.clone().unbind(),
            untracked: asked.untracked.map(|untracked| untracked.clone().unbind()),
            making: asked.making,
            tree: Py::new(py, PyParamsTree(tree.clone()))?,
            warns: asked.warns,
            keeping: asked.keeping,
            made: Mutex::default(),
            record: Mutex::default(),
            code: if code_change == CodeChange::Ignore { None } else { code::code_of(object)? },
        };
        let suffix = name_of(&object.getattr(intern!(py, "payload_file_suffix"))?)?;
        let io = PyIo::new(&object.getattr(intern!(py, "payload_io"))?, suffix)?;
        let listening = Listening::of(object)?;
        let signal = Arc::<Mutex<Option<PyErr>>>::default();
        let builder = io
            .set_trust(py, Persistable::builder(step))?
            .payload_io(io)
            .durability(durability_of(object)?)
            .verification(verification_of(object)?)
            .wait(wait_of(object)?)
            .log_file(listening.core_writes_file())
            .library(LIBRARY)
            .interrupt(asks_for_signals(&signal))
            .code_change(code_change)
            .input_change(input_change)
            .dependency_change(dependency_change)
            .undeclared(settings::undeclared(object)?)
            .on_stale(warn)
            .environment(environment);
        let store = store_of(object, asked.creates_folder)?;
        if code_change != CodeChange::Ignore {
            definition::claim_for(object, &store, &tree)?;
        }
        let trees = tree.dependencies().iter().cloned();
        let direct = trees.zip(&dependencies).map(|(tree, step)| upstream_of(tree, step)).collect::<PyResult<_>>()?;
        let addresses: HashSet<usize> = dependencies.iter().map(|step| step.as_ptr().addr()).collect();
        let further = below.iter().filter(|(_, step)| !addresses.contains(&step.as_ptr().addr()));
        let further = further.map(|(tree, step)| upstream_of(tree.clone(), step)).collect::<PyResult<_>>()?;
        Ok(Self { handle: open_tree(builder, tree, store, direct, further, inputs), listening, signal })
    }

    /// Runs an operation of the core without the interpreter's lock.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        operation: impl FnOnce(&Persistable<PyStep>) -> persistable::Result<T> + Send,
    ) -> PyResult<T> {
        let done = py.detach(|| logging::listened_to(&self.listening, || operation(&self.handle)));
        done.map_err(|error| {
            let signal = self.signal.lock().unwrap_or_else(PoisonError::into_inner).take();
            match signal.filter(|_| error.kind() == ErrorKind::Interrupted) {
                Some(signal) => signal,
                None if error.kind() == ErrorKind::Encoding => {
                    let described = self.what_is_saved(py);
                    errors::of_saving(py, error, &described.unwrap_or_default())
                }
                None => errors::of_core(py, error),
            }
        })
    }

    /// Tells the Python object how the payload that it holds was made, once it is persisted.
    fn tell_made(&self, py: Python<'_>) -> PyResult<()> {
        let step = self.handle.step();
        let Some(made) = step.record() else { return Ok(()) };
        step.object.bind(py).call_method1(intern!(py, "_core_note_made"), (PyMade(made),))?;
        Ok(())
    }

    /// Says of which type the payload is, where it was to be saved, and by what.
    fn what_is_saved(&self, py: Python<'_>) -> PyResult<String> {
        let step = self.handle.step().object.bind(py);
        let payload_type = errors::type_name(&step.getattr(intern!(py, "_payload"))?.get_type());
        let io_type = errors::type_name(&step.getattr(intern!(py, "payload_io"))?.get_type());
        let path = step.getattr(intern!(py, "persist_filepath"))?.str()?;
        let suffix = step.getattr(intern!(py, "payload_file_suffix"))?.str()?;
        Ok(format!("the payload, of type {payload_type}, can't be saved to {path}{suffix} by {io_type}"))
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
    Python::attach(|py| -> PyResult<String> {
        let module = py.import(intern!(py, "persistable._environment"))?;
        module.call_method0(intern!(py, "recorded_environment"))?.extract()
    })
    .unwrap_or_default()
}

/// Lets Ctrl-C end a wait: Python sees a signal only when it is asked.
fn asks_for_signals(raised: &Arc<Mutex<Option<PyErr>>>) -> impl Fn() -> bool + Send + Sync + 'static {
    let raised = Arc::clone(raised);
    move || match Python::attach(|py| py.check_signals()) {
        Ok(()) => false,
        Err(error) => {
            *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            true
        }
    }
}

fn durability_of(step: &Bound<'_, PyAny>) -> PyResult<Durability> {
    match text_of(&step.getattr(intern!(step.py(), "persist_durability"))?)?.as_str() {
        "synced" => Ok(Durability::Synced),
        "fast" => Ok(Durability::Fast),
        other => Err(PyValueError::new_err(format!("persist_durability is \"synced\" or \"fast\", and not {other:?}"))),
    }
}

fn verification_of(step: &Bound<'_, PyAny>) -> PyResult<Verification> {
    match text_of(&step.getattr(intern!(step.py(), "load_verification"))?)?.as_str() {
        "default" => Ok(Verification::Default),
        "always" => Ok(Verification::Always),
        "once_per_file" => Ok(Verification::OncePerFile),
        "never" => Ok(Verification::Never),
        other => Err(PyValueError::new_err(format!(
            "load_verification is \"default\", \"always\", \"once_per_file\" or \"never\", and not {other:?}"
        ))),
    }
}

fn wait_of(step: &Bound<'_, PyAny>) -> PyResult<Wait> {
    let seconds: Option<f64> = step.getattr(intern!(step.py(), "lease_wait_seconds"))?.extract()?;
    match seconds {
        None => Ok(Wait::Forever),
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .map(Wait::AtMost)
            .map_err(|error| PyValueError::new_err(format!("lease_wait_seconds can't be {seconds}: {error}"))),
    }
}

/// Loads the payload. The step's `_core_accept` gets it.
#[pyfunction]
pub(crate) fn load(step: &Bound<'_, PyAny>, warn_if_validation_fails: bool) -> PyResult<()> {
    let call = Call::new(step, Asked { warns: warn_if_validation_fails, ..Asked::default() })?;
    call.run(step.py(), |handle| handle.load().map(drop))
}

/// Loads the payload, or generates and persists it; returns whether it was generated.
#[pyfunction]
pub(crate) fn load_generate<'py>(step: &Bound<'py, PyAny>, untracked: &Bound<'py, PyDict>) -> PyResult<bool> {
    let (making, keeping) = (Making::AdoptOrGenerate, Keeping::Pending);
    let call = Call::new(step, Asked { untracked: Some(untracked), making, keeping, ..Asked::default() })?;
    let is_generated = call.run(step.py(), |handle| {
        handle.load_generate()?;
        Ok(matches!(handle.step().made(), Some(Made::Generated { .. })))
    })?;
    call.tell_made(step.py())?;
    Ok(is_generated)
}

/// Loads the payload; where nothing is persisted, adopts what persistable 1.x did.
#[pyfunction]
pub(crate) fn load_adopt(step: &Bound<'_, PyAny>, warn_if_validation_fails: bool) -> PyResult<()> {
    let call = Call::new(step, Asked { making: Making::Adopt, warns: warn_if_validation_fails, ..Asked::default() })?;
    call.run(step.py(), |handle| handle.load_generate().map(drop))
}

/// Generates the payload, and persists it if asked to.
#[pyfunction]
pub(crate) fn generate<'py>(step: &Bound<'py, PyAny>, persist: bool, untracked: &Bound<'py, PyDict>) -> PyResult<()> {
    let keeping = if persist { Keeping::Pending } else { Keeping::Kept };
    let asked = Asked { untracked: Some(untracked), keeping, creates_folder: persist, ..Asked::default() };
    let call = Call::new(step, asked)?;
    call.run(step.py(), |handle| {
        let payload = if persist { handle.generate() } else { handle.generate_unpersisted(&Untracked::new()) };
        payload.map(drop)
    })?;
    call.tell_made(step.py())
}

/// Persists a payload that the step has in memory, for its present params or for those of `tree`.
#[pyfunction]
pub(crate) fn persist(
    step: &Bound<'_, PyAny>,
    payload: &Bound<'_, PyAny>,
    made: Option<&Bound<'_, PyMade>>,
    tree: Option<&Bound<'_, PyParamsTree>>,
) -> PyResult<()> {
    let tree = tree.map(|tree| tree.get().0.clone());
    let call = Call::new(step, Asked { keeping: Keeping::Held, creates_folder: true, tree, ..Asked::default() })?;
    let made = made.map_or_else(|| Arc::new(CoreMade::that_took(None)), |made| Arc::clone(&made.get().0));
    hold(&call.handle, PyPayload(payload.clone().unbind()), made);
    call.run(step.py(), Persistable::persist)?;
    call.tell_made(step.py())
}

/// Returns whether the payload in memory, which was made for `tree`, is that of the step's present params. If it is, and
/// another step is generated on this thread, notes that that one uses it. Code that changed since is told of.
#[pyfunction]
pub(crate) fn use_in_memory(
    step: &Bound<'_, PyAny>,
    tree: Option<&Bound<'_, PyParamsTree>>,
    made: Option<&Bound<'_, PyMade>>,
) -> PyResult<bool> {
    let present = tree::of(step)?;
    if tree.is_some_and(|tree| !is_same_but_for_name(&present, &tree.get().0)) {
        return Ok(false);
    }
    let made = made.map(|made| &*made.get().0);
    if made.is_some_and(|made| made.payload_digest.is_some()) && is_of_other_code(step, made)? {
        Call::new(step, Asked::default())?.run(step.py(), check_fresh)?;
    }
    note_use(&present, made).map_err(|error| errors::of_core(step.py(), error))?;
    Ok(true)
}

/// Whether a step's code may be other than what made its payload. What is accepted is found out by the core.
fn is_of_other_code(step: &Bound<'_, PyAny>, made: Option<&CoreMade>) -> PyResult<bool> {
    let Some(stamp) = made.and_then(|made| made.code.as_ref()) else { return Ok(false) };
    if !matches!(settings::code_change(step)?, CodeChange::Warn | CodeChange::Refuse) {
        return Ok(false);
    }
    let Some(code) = code::code_of(step)? else { return Ok(false) };
    let (tag, digest) = code.quick(&stamp.state)?;
    let mut stamps = std::iter::once(stamp).chain(&stamp.accepted);
    Ok(!stamps.any(|stamp| stamp.digests.get(tag) == Some(&digest)))
}

/// Says that the present code, dependencies or inputs make the payload that is persisted.
#[pyfunction]
pub(crate) fn accept(step: &Bound<'_, PyAny>, what: &str) -> PyResult<()> {
    let call = Call::new(step, Asked::default())?;
    call.run(step.py(), |handle| match what {
        "code" => handle.accept_code(),
        "dependencies" => handle.accept_dependencies(),
        _ => handle.accept_inputs(),
    })
}

/// Headings, each with its lines.
type Sections = Vec<(String, Vec<String>)>;

/// Explains a step; returns how it is shown, and headings with their lines.
#[pyfunction]
pub(crate) fn explain(step: &Bound<'_, PyAny>) -> PyResult<(String, Sections)> {
    let call = Call::new(step, Asked::default())?;
    let explanation = call.run(step.py(), Persistable::explain)?;
    Ok((explanation.step, explanation.sections))
}

/// Returns the 32 bytes that seed a random generator of the step.
#[pyfunction]
pub(crate) fn seed(step: &Bound<'_, PyAny>) -> PyResult<[u8; 32]> {
    Ok(tree::of(step)?.key().seed())
}

/// Returns the step's key in hex, whole.
#[pyfunction]
pub(crate) fn full_key(step: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(tree::of(step)?.key().to_string())
}

/// Returns the first half of the step's key in hex, as file names have it.
#[pyfunction]
pub(crate) fn persist_hash(step: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(tree::of(step)?.key().short())
}

/// Returns the manifest of the step's artifact as JSON text; `None` where there is no artifact.
#[pyfunction]
pub(crate) fn manifest(step: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let call = Call::new(step, Asked::default())?;
    let found = call.run(step.py(), Persistable::manifest)?;
    let text = found.map(|manifest| serde_json::to_string(&manifest)).transpose();
    text.map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Returns a class name in snake case, as payload names are by default.
#[pyfunction]
pub(crate) fn snake_case(name: &str) -> String {
    heck::ToSnakeCase::to_snake_case(name)
}
