//! A Python step as a step of the core.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use persistable::__private::{Made as CoreMade, Unpersistable};
use persistable::io::{PayloadIo, Source, Target};
use persistable::store::Digest;
use persistable::{CodeRecord, Fields, ParamError, PersistableParams, Run, Step, StepResult};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::code::StepCode;
use crate::made::PyMade;
use crate::tree::PyParamsTree;

/// Any Python object.
pub(crate) struct PyPayload(pub(crate) Py<PyAny>);

/// How a missing payload comes about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Making {
    /// By the step's generator.
    Generate,
    /// From an artifact of persistable 1.x where there is one, else by the generator.
    AdoptOrGenerate,
    /// From an artifact of persistable 1.x.
    Adopt,
}

/// One call of a step's method, from its begin to its end.
pub(crate) struct PyStep {
    pub(crate) object: Py<PyAny>,
    pub(crate) untracked: Option<Py<PyDict>>,
    pub(crate) making: Making,
    /// The params that the call is for.
    pub(crate) tree: Py<PyParamsTree>,
    /// Whether a payload that the validator refuses is kept with a warning.
    pub(crate) warns: bool,
    /// What is done with a payload once it is valid.
    pub(crate) keeping: Keeping,
    /// How the payload came about, once it was made.
    pub(crate) made: Mutex<Option<Made>>,
    /// What the core knows of how it was made.
    pub(crate) record: Mutex<Option<Arc<CoreMade>>>,
    /// The step's code, where that matters.
    pub(crate) code: Option<Arc<StepCode>>,
}

/// What is done with a valid payload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// The Python object keeps it.
    Kept,
    /// The Python object keeps it as one that is to be persisted, in case that fails.
    Pending,
    /// The Python object has it already.
    Held,
}

/// How a payload came about that was not loaded.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Made {
    Generated { seconds: f64 },
    Adopted,
}

impl PyStep {
    pub(crate) fn made(&self) -> Option<Made> {
        *self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record(&self) -> Option<Arc<CoreMade>> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs what looks at the code. What can't be found out about it is no reason for a step to fail.
    fn look_at_code<T: Default>(&self, look: impl FnOnce(Python<'_>, &StepCode) -> PyResult<T>) -> T {
        let Some(code) = &self.code else { return T::default() };
        Python::attach(|py| look(py, code).unwrap_or_default())
    }
}

impl PersistableParams for PyStep {
    fn type_name() -> Cow<'static, str> {
        "Python".into()
    }

    fn params(&self) -> Result<Fields, ParamError> {
        Ok(Fields::new()) // The handle is opened with a params tree.
    }
}

impl Step for PyStep {
    type Payload = PyPayload;
    type Io = NoIo;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<PyPayload> {
        Python::attach(|py| {
            let object = self.object.bind(py);
            let (payload, seconds) = if self.making == Making::Adopt {
                (object.call_method0(intern!(py, "_core_adopt"))?, None)
            } else {
                let untracked = match &self.untracked {
                    Some(untracked) => untracked.bind(py).clone(),
                    None => PyDict::new(py),
                };
                let may_adopt = self.making == Making::AdoptOrGenerate;
                let arguments = (untracked, &self.tree, may_adopt);
                object.call_method1(intern!(py, "_core_generate"), arguments)?.extract::<(Bound<'_, PyAny>, _)>()?
            };
            let made = seconds.map_or(Made::Adopted, |seconds| Made::Generated { seconds });
            *self.made.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
            Ok(PyPayload(payload.unbind()))
        })
    }

    /// Validates the payload, and keeps it in the Python object.
    fn validate_payload(&self, payload: &PyPayload) -> StepResult<()> {
        Python::attach(|py| {
            let object = self.object.bind(py);
            if self.keeping == Keeping::Held {
                object.call_method1(intern!(py, "_validate_payload"), (&payload.0,))?;
                return Ok(());
            }
            let is_pending = self.made().is_some() && self.keeping == Keeping::Pending;
            let made = self.record().map(PyMade);
            let arguments = (&payload.0, self.warns, &self.tree, made, is_pending);
            object.call_method1(intern!(py, "_core_accept"), arguments).map_err(|error| refusal_of(py, error))?;
            Ok(())
        })
    }

    fn code(&self) -> CodeRecord {
        self.look_at_code(|py, code| code.full(py).map(|record| CodeRecord::clone(&record)))
    }

    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        self.look_at_code(|_, code| code.quick(without).map(|(tag, digest)| Some((tag.to_owned(), digest))))
    }

    fn code_state(&self) -> Vec<String> {
        self.look_at_code(|py, code| code.state_since(py))
    }

    fn step_type(&self) -> Option<String> {
        Python::attach(|py| type_path_of(self.object.bind(py)))
    }

    fn is_generated(&self) -> bool {
        self.made() != Some(Made::Adopted)
    }

    fn note_made(&self, made: &Arc<CoreMade>) {
        *self.record.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(made));
    }
}

/// Tells the core why a payload is not kept. It logs that, and a payload that can't be persisted is not the validator's affair.
fn refusal_of(py: Python<'_>, error: PyErr) -> Box<dyn StdError + Send + Sync> {
    let exceptions = py.import(intern!(py, "persistable.exceptions"));
    let class = exceptions.and_then(|module| module.getattr(intern!(py, "UnpersistablePayloadError")));
    match class.is_ok_and(|class| error.is_instance(py, &class)) {
        true => Box::new(Unpersistable(error.into())),
        false => error.into(),
    }
}

/// Returns the language and the path of what defines a Python step.
pub(crate) fn type_path_of(step: &Bound<'_, PyAny>) -> Option<String> {
    let py = step.py();
    let rules = py.import(intern!(py, "persistable._definitions")).ok()?;
    let path: String = rules.call_method1(intern!(py, "path_of"), (step,)).ok()?.extract().ok()?;
    Some(format!("python:{path}"))
}

/// Stands where every step has a payload IO; the Python object's own takes its place.
#[derive(Default)]
pub(crate) struct NoIo;

impl PayloadIo<PyPayload> for NoIo {
    fn name(&self) -> String {
        "none".to_owned()
    }

    fn suffix(&self) -> String {
        String::new()
    }

    fn save(&self, _: &PyPayload, _: &mut Target<'_>) -> StepResult<()> {
        Err("this step has no payload IO".into())
    }

    fn load(&self, _: &mut Source<'_>) -> StepResult<PyPayload> {
        Err("this step has no payload IO".into())
    }
}
