//! A Python step as a step of the core: what the core calls, for the Python object whose method was called.

use std::borrow::Cow;
use std::error::Error as StdError;

use persistable::__private::{Interrupt, Unpersistable};
use persistable::io::{PayloadIo, Source, Target};
use persistable::store::Digest;
use persistable::{CodeRecord, Error, Fields, ParamError, PersistableParams, Run, Step, StepResult};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

use crate::call::{self, Call, IfMissing, MadeBy};
use crate::code::StepCode;
use crate::errors::exception;
use crate::in_place;
use crate::interrupts::is_of_the_thread;
use crate::memory::StepIdentity;
use crate::once::intern;
use crate::payload::{PyPayload, PyStep};
use crate::tree::PyParamsTree;
use crate::value::{is_array_of_objects, is_atom};

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

    fn generate_payload(&self, run: &Run<'_>) -> StepResult<PyPayload> {
        let adopted = by_user(|py| {
            let call = call::current_or_error()?;
            let step = call.step.bind(py);
            if call.making != IfMissing::Generate {
                let adoption = py.import(intern!(py, "persistable._adoption"))?;
                let is_sure = call.making != IfMissing::AdoptOrGenerate;
                let adopted = adoption.call_method1(intern!(py, "adopt"), (step, is_sure))?;
                if !adopted.is_none() {
                    call.note_adopted();
                    return Ok(Some(PyPayload(adopted.getattr(intern!(py, "payload"))?.unbind())));
                }
            }
            if matches!(call.making, IfMissing::Adopt { .. }) {
                let name = call.tree.payload_name();
                let message = format!("nothing that can be loaded is persisted for {name}");
                return Err(exception(py, persistable::ErrorKind::Missing, &message));
            }
            if run.may_be_overtaken() {
                let generation = py.import(intern!(py, "persistable._generation"))?;
                generation.call_method1(intern!(py, "load_dependencies"), (step,))?;
            }
            Ok(None)
        })?;
        if let Some(adopted) = adopted {
            return Ok(adopted);
        }
        // To load what it is made of may have taken days, or the machine slept.
        run.check_overtaken()?;
        by_user(|py| {
            let call = call::current_or_error()?;
            let step = call.step.bind(py);
            in_place::begin();
            let generation = py.import(intern!(py, "persistable._generation"))?;
            let arguments = (step, call.untracked(py), PyParamsTree(call.tree.clone()));
            let generated = generation.call_method1(intern!(py, "generate"), arguments)?;
            let payload = generated.getattr(intern!(py, "payload"))?.unbind();
            call.note_generated(generated.unbind());
            Ok(PyPayload(payload))
        })
    }

    fn validate_payload(&self, payload: &PyPayload) -> StepResult<()> {
        by_user(|py| {
            let call = call::current_or_error()?;
            let validated = call.step.bind(py).call_method1(intern!(py, "_validate_payload"), (&payload.0,));
            match (validated, call.making) {
                (Err(error), IfMissing::Adopt { warns: true }) => warn_of_invalid(py, &call, error, "loaded"),
                (validated, _) => validated.map(drop),
            }
        })
    }

    fn kept(&self, payload: &PyPayload, is_pending: bool) -> StepResult<()> {
        Python::attach(|py| {
            let call = call::current_or_error()?;
            let generated = call.take_generated();
            let generated = generated.as_ref().map(|generated| generated.bind(py));
            let changed = match generated {
                Some(generated) => generated.getattr(intern!(py, "changed_tree"))?.cast_into::<PyParamsTree>().ok(),
                None => None,
            };
            call.memory.set_changed(changed.map(|changed| StepIdentity::Tree(changed.get().0.clone())));
            if is_pending {
                refuse_unpersistable(call.step.bind(py), &payload.0).map_err(|error| Unpersistable(error.into()))?;
            }
            if let Some(generated) = generated {
                let warnings = generated.getattr(intern!(py, "warnings"))?;
                if warnings.is_truthy()? {
                    // Only now: as exceptions they must not cost the payload.
                    py.import(intern!(py, "persistable._stale"))?.call_method1(intern!(py, "issue"), (warnings,))?;
                }
            }
            Ok(())
        })
    }

    fn tell_invalid(&self, error: &Error) -> StepResult<()> {
        Python::attach(|py| {
            let call = call::current_or_error()?;
            let cause = error.source().and_then(|source| source.downcast_ref::<PyErr>());
            let Some(cause) = cause else { return Ok(()) };
            let done = if error.operation() == "persist" { "persisted" } else { "loaded" };
            Ok(warn_of_invalid(py, &call, cause.clone_ref(py), done)?)
        })
    }

    fn post_generate(&self, _: &PyPayload, _: &Run<'_>) -> StepResult<()> {
        by_user(|py| {
            let call = call::current_or_error()?;
            let is_generated = call.made() == Some(MadeBy::Generated);
            let name = if is_generated { intern!(py, "_post_generate") } else { intern!(py, "_post_load") };
            call_hook(&call, &call.step.bind(py).getattr(name)?)
        })
    }

    fn post_load(&self, _: &PyPayload, _: &Run<'_>) -> StepResult<()> {
        by_user(|py| {
            let call = call::current_or_error()?;
            call.memory.set_changed(None);
            call_hook(&call, &call.step.bind(py).getattr(intern!(py, "_post_load"))?)
        })
    }

    fn code(&self) -> CodeRecord {
        look_at_code(StepCode::record)
    }

    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        look_at_code(|_, code| code.stamp(without))
    }

    fn code_state(&self) -> Vec<String> {
        look_at_code(|py, code| code.state_since(py))
    }

    fn step_type(&self) -> Option<String> {
        let call = call::current()?;
        Python::attach(|py| type_path_of(call.step.bind(py)))
    }

    fn is_generated(&self) -> bool {
        call::current().is_none_or(|call| call.made() != Some(MadeBy::Adopted))
    }
}

/// Runs code of the user's. That it was interrupted, or came to the end of the stack, is not a failure of the step.
pub(crate) fn by_user<T>(run: impl FnOnce(Python<'_>) -> PyResult<T>) -> StepResult<T> {
    Python::attach(|py| run(py).map_err(|error| of_user(py, error)))
}

/// Turns an exception of the user's code into an error of the step, or into an interrupt.
pub(crate) fn of_user(py: Python<'_>, error: PyErr) -> Box<dyn StdError + Send + Sync> {
    match is_of_the_thread(py, &error) {
        true => Interrupt(error.into()).into(),
        false => error.into(),
    }
}

/// Runs what looks at the code of the step that is called.
fn look_at_code<T: Default>(look: impl FnOnce(Python<'_>, &StepCode) -> PyResult<T>) -> T {
    let Some(call) = call::current() else { return T::default() };
    Python::attach(|py| call::look_at(py, call.code.as_ref(), look))
}

/// Warns of a payload that the validator refuses.
fn warn_of_invalid(py: Python<'_>, call: &Call, refusal: PyErr, done: &str) -> PyResult<()> {
    if !refusal.is_instance_of::<PyException>(py) {
        return Err(refusal); // An interrupt.
    }
    let stale = py.import(intern!(py, "persistable._stale"))?;
    stale.call_method1(intern!(py, "warn_of_invalid"), (call.tree.payload_name(), done, refusal.value(py)))?;
    Ok(())
}

/// Calls a hook that may or may not take untracked params.
fn call_hook(call: &Call, hook: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = hook.py();
    let untracked = call.untracked(py);
    if untracked.is_empty() {
        hook.call0()?;
        return Ok(());
    }
    let hooks = py.import(intern!(py, "persistable._hooks"))?;
    let accepted = hooks.call_method1(intern!(py, "accepted"), (hook, untracked))?;
    hook.call((), Some(&accepted.cast_into()?))?;
    Ok(())
}

/// Whether the commonest payloads have nothing in them to look at: to ask the Python side would take a tenth of a small persist.
fn has_no_parts(payload: &Bound<'_, PyAny>) -> bool {
    is_atom(payload) || is_array_of_objects(payload) == Some(false)
}

/// Raises for a payload that can't be persisted.
pub(crate) fn refuse_unpersistable(step: &Bound<'_, PyAny>, payload: &Py<PyAny>) -> PyResult<()> {
    let py = step.py();
    if has_no_parts(payload.bind(py)) {
        return Ok(());
    }
    let refusal = py.import(intern!(py, "persistable._checks.refusal"))?;
    let (name, io) = (step.getattr(intern!(py, "payload_name"))?, step.getattr(intern!(py, "payload_io"))?);
    refusal.call_method1(intern!(py, "refuse_unpersistable"), (payload, name, io))?;
    Ok(())
}

/// Returns the language and the path of what defines a Python step.
pub(crate) fn type_path_of(step: &Bound<'_, PyAny>) -> Option<String> {
    let py = step.py();
    let find = || -> PyResult<String> {
        let rules = py.import(intern!(py, "persistable._definitions"))?;
        rules.call_method1(intern!(py, "path_of"), (step,))?.extract()
    };
    let path = call::found_by_the_way(py, find().map(Some))?;
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
