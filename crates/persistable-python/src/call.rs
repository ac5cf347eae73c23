//! One call of a method of a Python step, from its begin to its end: what the core's callbacks have to know of it.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use persistable::ParamsTree;
use persistable::store::fork::Once;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::code::StepCode;
use crate::interrupts::is_of_the_thread;
use crate::memory::Memory;
use crate::once::intern;

/// How a missing payload comes about.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum IfMissing {
    /// By the step's generator.
    #[default]
    Generate,
    /// From an artifact of persistable 1.x where there is one, else by the generator.
    AdoptOrGenerate,
    /// From an artifact of persistable 1.x; with a warning if the validator refuses its payload, where that is no error.
    Adopt { warns: bool },
}

/// How a payload came about that was not loaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MadeBy {
    Generated,
    Adopted,
}

/// One call.
pub(crate) struct Call {
    pub(crate) step: Py<PyAny>,
    pub(crate) untracked: Option<Py<PyDict>>,
    pub(crate) making: IfMissing,
    /// What the step is for the time of the call.
    pub(crate) tree: ParamsTree,
    pub(crate) memory: Arc<Memory>,
    /// The step's code, where that matters.
    pub(crate) code: Option<Arc<StepCode>>,
    pub(crate) listening: Listening,
    so_far: Mutex<SoFar>,
}

/// Who listens to the events of a call.
pub(crate) struct Listening {
    /// Events below this level of Python's go to nobody but the log file.
    pub(crate) level: u32,
    /// Whether the step's logger is the default one, whose file the core writes. A logger of the user's own gets every event instead.
    pub(crate) is_default: bool,
}

/// What became of a call so far.
#[derive(Default)]
struct SoFar {
    made: Option<MadeBy>,
    /// What the step's generation returned besides the payload: a `Generated` of the Python side.
    generated: Option<Py<PyAny>>,
    /// Whether a method of the step loads, and what is damaged will be generated.
    is_loading_to_generate: bool,
    /// The exception of a signal handler, such as `KeyboardInterrupt`, that ended a wait or what was found out by the way.
    signal: Option<PyErr>,
}

thread_local! {
    /// The calls that this thread is in: a generation calls other steps.
    static CALLS: RefCell<Vec<Arc<Call>>> = const { RefCell::new(Vec::new()) };
}

impl Call {
    pub(crate) fn new(
        step: &Bound<'_, PyAny>,
        untracked: Option<&Bound<'_, PyDict>>,
        making: IfMissing,
        tree: ParamsTree,
        memory: Arc<Memory>,
        code: Option<Arc<StepCode>>,
        listening: Listening,
    ) -> Self {
        let untracked = untracked.map(|untracked| untracked.clone().unbind());
        let step = step.clone().unbind();
        Self { step, untracked, making, tree, memory, code, listening, so_far: Mutex::default() }
    }

    /// Runs what is done for this call on this thread.
    pub(crate) fn during<T>(self: &Arc<Self>, run: impl FnOnce() -> T) -> T {
        struct Leave;
        impl Drop for Leave {
            fn drop(&mut self) {
                let _ = CALLS.try_with(|calls| calls.borrow_mut().pop());
            }
        }
        CALLS.with(|calls| calls.borrow_mut().push(Arc::clone(self)));
        let _leave = Leave;
        run()
    }

    fn so_far<T>(&self, act: impl FnOnce(&mut SoFar) -> T) -> T {
        act(&mut self.so_far.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn made(&self) -> Option<MadeBy> {
        self.so_far(|so_far| so_far.made)
    }

    pub(crate) fn note_adopted(&self) {
        self.so_far(|so_far| so_far.made = Some(MadeBy::Adopted));
    }

    pub(crate) fn note_generated(&self, generated: Py<PyAny>) {
        let _before = self.so_far(|so_far| {
            so_far.made = Some(MadeBy::Generated);
            so_far.generated.replace(generated)
        });
    }

    pub(crate) fn take_generated(&self) -> Option<Py<PyAny>> {
        self.so_far(|so_far| so_far.generated.take())
    }

    /// Runs a method of the step that loads, before the step is generated if that finds nothing.
    pub(crate) fn loading_to_generate<T>(&self, load: impl FnOnce() -> T) -> T {
        self.so_far(|so_far| so_far.is_loading_to_generate = true);
        let loaded = load();
        self.so_far(|so_far| so_far.is_loading_to_generate = false);
        loaded
    }

    pub(crate) fn is_loading_to_generate(&self) -> bool {
        self.so_far(|so_far| so_far.is_loading_to_generate)
    }

    fn note_signal(&self, signal: PyErr) {
        let _before = self.so_far(|so_far| so_far.signal.replace(signal));
    }

    pub(crate) fn take_signal(&self) -> Option<PyErr> {
        self.so_far(|so_far| so_far.signal.take())
    }

    /// Returns the untracked params.
    pub(crate) fn untracked<'py>(&self, py: Python<'py>) -> Bound<'py, PyDict> {
        self.untracked.as_ref().map_or_else(|| PyDict::new(py), |untracked| untracked.bind(py).clone())
    }
}

/// Returns the innermost call that this thread is in.
pub(crate) fn current() -> Option<Arc<Call>> {
    CALLS.try_with(|calls| calls.borrow().last().cloned()).ok().flatten()
}

/// Returns the innermost call, for a callback of the core. If the call was interrupted meanwhile, the callback ends with that.
pub(crate) fn current_or_error() -> PyResult<Arc<Call>> {
    let call = current().ok_or_else(|| PyRuntimeError::new_err("a step was called by nobody"))?;
    call.take_signal().map_or(Ok(call), Err)
}

/// Runs what looks at a step's code, if there is any. What can't be found out about it is no reason for a step to fail.
pub(crate) fn look_at<T: Default>(
    py: Python<'_>,
    code: Option<&Arc<StepCode>>,
    look: impl FnOnce(Python<'_>, &StepCode) -> PyResult<T>,
) -> T {
    code.map_or_else(T::default, |code| found_by_the_way(py, look(py, code)))
}

/// Returns what was found out by the way. If that failed, no step fails for it. An interrupt ends the call as soon as it can.
pub(crate) fn found_by_the_way<T: Default>(py: Python<'_>, found: PyResult<T>) -> T {
    found.unwrap_or_else(|error| {
        if is_of_the_thread(py, &error)
            && let Some(call) = current()
        {
            call.note_signal(error);
        }
        T::default()
    })
}

/// Whether somebody listens to events of a level of Python's here.
pub(crate) fn is_heard(level: u32) -> bool {
    let is_heard =
        |calls: &RefCell<Vec<Arc<Call>>>| calls.borrow().last().is_some_and(|call| level >= call.listening.level);
    CALLS.try_with(is_heard).unwrap_or(false)
}

/// Whether somebody is told of a long wait here. The default logger's console shows it at any level. A logger of the user's own
/// was told before, if it wants to know.
pub(crate) fn is_told_of_waits() -> bool {
    current().is_some_and(|call| call.listening.is_default)
}

/// Whether this thread is in a call.
pub(crate) fn is_in_call() -> bool {
    current().is_some()
}

/// Whether a signal handler raised something that is to end the innermost call.
pub(crate) fn has_signal() -> bool {
    current().is_some_and(|call| call.so_far(|so_far| so_far.signal.is_some()))
}

/// Lets the innermost call end with what a signal handler raised. Where there is no call, returns it.
pub(crate) fn note_signal(signal: PyErr) -> Option<PyErr> {
    match current() {
        Some(call) => {
            call.note_signal(signal);
            None
        }
        None => Some(signal),
    }
}

impl Listening {
    pub(crate) fn of(step: &Bound<'_, PyAny>, has_default_logger: bool) -> PyResult<Self> {
        let py = step.py();
        let attributes = step.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
        if attributes.get_item(intern!(py, "logger"))?.is_some_and(|logger| !logger.is_none()) {
            let logger = step.getattr(intern!(py, "logger"))?;
            let level = logger.call_method0(intern!(py, "getEffectiveLevel"))?.extract()?;
            return Ok(Self { level, is_default: false });
        }
        if has_default_logger {
            return Ok(Self { level: 0, is_default: true });
        }
        // To import a module anew for each call takes a fiftieth of the time of a hit.
        static DEFAULT_LEVEL: Once<Py<PyAny>> = Once::new();
        let import = || Ok::<_, PyErr>(py.import("persistable._listeners")?.getattr("default_level")?.unbind());
        let default_level = DEFAULT_LEVEL.get_or_try_make(import)?.bind(py);
        let level = default_level.call1((step.getattr(intern!(py, "verbose"))?,))?.extract()?;
        Ok(Self { level, is_default: true })
    }
}
