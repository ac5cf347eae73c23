//! A Python step as a step of the core.

use std::borrow::Cow;

use persistable::io::{PayloadIo, Source, Target};
use persistable::{Fields, ParamError, PersistableParams, Run, Step, StepResult};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

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
            let method = match self.making {
                Making::Generate => intern!(py, "_core_generate"),
                Making::AdoptOrGenerate => intern!(py, "_core_adopt_or_generate"),
                Making::Adopt => intern!(py, "_core_adopt"),
            };
            let untracked = match &self.untracked {
                Some(untracked) => untracked.bind(py).clone(),
                None => PyDict::new(py),
            };
            Ok(PyPayload(object.call_method1(method, (untracked,))?.unbind()))
        })
    }

    /// Validates the payload, and keeps it in the Python object.
    fn validate_payload(&self, payload: &PyPayload) -> StepResult<()> {
        Python::attach(|py| {
            self.object.bind(py).call_method1(intern!(py, "_core_accept"), (&payload.0, self.warns, &self.tree))?;
            Ok(())
        })
    }
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
