//! What a Python step does, done by the core.

use std::thread;
use std::time::{Duration, Instant};

use persistable::__private::{
    generate_by, load_as_it_is, load_generate_by, load_generate_together, load_to_heal, note_use, payload_or,
    persist_even_if_invalid,
};
use persistable::{ErrorKind, Persistable, Untracked};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::IfMissing;
use crate::errors::{exception, of_core};
use crate::frozen::frozen_of;
use crate::handle::Handle;
use crate::memory::StepIdentity;
use crate::once::intern;
use crate::opening::{Asked, Failure, Opened};
use crate::overridden::{Methods, is_loaded_to_generate, is_overridden};
use crate::present::Present;
use crate::step::refuse_unpersistable;
use crate::{stale, tree};

/// So long a worker waits for an artifact that a run made sure of, and that it can't see.
const LONGEST_WAIT_FOR_ARTIFACT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// Returns the payload: the one in memory, if it is that of the present params, else what the step's `load_generate` gives.
pub(crate) fn payload(step: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let py = step.py();
    let handle = Handle::of(step)?;
    let present = tree::of_step(step)?;
    if let Some(memory) = handle.get().memory()
        && memory.is_current(&present.tree)?
        && let Some(held) = memory.get()
    {
        let made = (!matches!(memory.of(), StepIdentity::Any)).then_some(&*held.made);
        if let Some(made) = made
            && made.payload_digest.is_some()
            && stale::is_of_other_code(step, made)?
        {
            stale::check(step)?;
        }
        note_use(&present.tree, made).map_err(|error| of_core(py, error))?;
        return Ok(Some(held.payload.0.clone_ref(py)));
    }
    let opened = Opened::new(step, Asked { present: Some(present.for_memory()), ..Asked::default() })?;
    let is_ours = !is_overridden(step, &["load_generate"])?;
    let (object, own, present) = (step.clone().unbind(), handle.clone().unbind(), present.unbind());
    let found = opened.run_mixed(|core| {
        payload_or(core, |has_waited| {
            Python::attach(|py| {
                // The thread that filled the memory before may have done so by a method that puts the payload there by hand.
                if let Some(memory) = own.get().memory()
                    && memory.is_current(&present.tree)?
                {
                    return Ok(());
                }
                let step = object.bind(py);
                match is_ours {
                    // After a wait the params may be others.
                    true if has_waited => load_or_generate(step, tree::of_step(step)?, &PyDict::new(py)),
                    true => load_or_generate(step, present.bind(py), &PyDict::new(py)),
                    false => step.call_method0(intern!(py, "load_generate")).map(drop),
                }
            })
            .map_err(Failure::Python)
        })
    })?;
    // Another thread may have taken away what is in memory.
    let held = || handle.get().memory().and_then(|memory| memory.get()).or_else(|| opened.in_memory());
    let found = found.or_else(|| held().map(|held| held.payload));
    Ok(found.map(|payload| payload.0.clone_ref(py)))
}

/// Loads the payload. Where nothing is persisted, what persistable 1.x persisted is adopted.
#[pyfunction]
pub(crate) fn load<'py>(
    step: &Bound<'py, PyAny>,
    warn_if_validation_fails: bool,
    untracked: &Bound<'py, PyDict>,
) -> PyResult<()> {
    if is_key_only(step) {
        return load_by_key(step, &tree::of_step(step)?, untracked);
    }
    let heals = is_loaded_to_generate(step);
    let opened = Opened::new(step, Asked { untracked: Some(untracked), ..Asked::default() })?;
    let load = |core: &Persistable<_>| match warn_if_validation_fails {
        warns if heals => load_to_heal(core, warns),
        true => core.load_even_if_invalid().map(drop),
        false => core.load().map(drop),
    };
    let mut is_missing = false;
    let loaded = opened.run(|core| load(core).inspect_err(|error| is_missing = error.kind() == ErrorKind::Missing));
    let Err(missing) = loaded else { return Ok(()) };
    if !is_missing || !is_there_of_1x(step)? {
        return Err(missing);
    }
    let asked = Asked {
        untracked: Some(untracked),
        making: IfMissing::Adopt { warns: warn_if_validation_fails },
        ..Asked::default()
    };
    Opened::new(step, asked)?.run(|core| core.load_generate().map(drop))
}

fn is_there_of_1x(step: &Bound<'_, PyAny>) -> PyResult<bool> {
    let adoption = step.py().import(intern!(step.py(), "persistable._adoption"))?;
    Ok(!adoption.call_method1(intern!(step.py(), "find"), (step,))?.is_none())
}

/// Loads the payload, or generates and persists it: by the methods of the step, where these override those of the package.
#[pyfunction]
pub(crate) fn load_generate<'py>(step: &Bound<'py, PyAny>, untracked: &Bound<'py, PyDict>) -> PyResult<()> {
    load_or_generate(step, tree::of_step(step)?, untracked)
}

/// Does the same for a step that is this at present.
pub(crate) fn load_or_generate_present<'py>(
    step: &Bound<'py, PyAny>,
    present: Present<'py>,
    untracked: &Bound<'py, PyDict>,
) -> PyResult<()> {
    load_or_generate(step, present, untracked)
}

/// Loads a step of which only its key is known. A run made sure that it is there. If it can't be seen yet, as on a network file
/// system, the worker waits for it: it could not generate it.
fn load_by_key<'py>(step: &Bound<'py, PyAny>, present: &Present<'py>, untracked: &Bound<'py, PyDict>) -> PyResult<()> {
    let begin = Instant::now();
    loop {
        let asked = Asked { untracked: Some(untracked), present: Some(present.for_memory()), ..Asked::default() };
        let opened = Opened::new(step, asked)?;
        let mut is_missing = false;
        let loaded =
            opened.run(|core| load_as_it_is(core).inspect_err(|error| is_missing = error.kind() == ErrorKind::Missing));
        if !is_missing || begin.elapsed() > LONGEST_WAIT_FOR_ARTIFACT {
            return loaded;
        }
        step.py().check_signals()?;
        step.py().detach(|| thread::sleep(PAUSE));
    }
}

/// Whether this is a worker of a run, and nothing is known of the step but its name and its key.
fn is_key_only(step: &Bound<'_, PyAny>) -> bool {
    frozen_of(step).is_some_and(|frozen| frozen.is_key_only)
}

/// Refuses to change in the store what only the program that started the run knows.
fn refuse_key_only(step: &Bound<'_, PyAny>) -> PyResult<()> {
    if !is_key_only(step) {
        return Ok(());
    }
    let name = step.getattr(intern!(step.py(), "payload_name"))?;
    let message = format!(
        "a worker of a run can load {name}, and not generate, persist or remove it: only its key is known there. Do that in \
         the program that started the run"
    );
    Err(exception(step.py(), ErrorKind::Unavailable, &message))
}

/// Loads the payload of a step that is this at present, or generates and persists it.
fn load_or_generate<'py>(
    step: &Bound<'py, PyAny>,
    present: Present<'py>,
    untracked: &Bound<'py, PyDict>,
) -> PyResult<()> {
    if is_key_only(step) {
        return load_by_key(step, &present, untracked);
    }
    let handle = Handle::of(step)?;
    let pending = handle.get().memory().filter(|memory| memory.get().is_some_and(|held| held.is_pending));
    let pending = match pending {
        Some(memory) if memory.is_current(&present.tree)? => Some((memory.made_for(&present.tree)?, memory)),
        _ => None,
    };
    if pending.is_none() && !is_overridden(step, &["load", "generate", "persist"])? {
        let asked = Asked {
            untracked: Some(untracked),
            making: IfMissing::AdoptOrGenerate,
            present: Some(present),
            ..Asked::default()
        };
        return Opened::new(step, asked)?.run(|core| load_generate_together(core, &Untracked::new()));
    }
    let memory = pending.map(|(tree, memory)| (memory, tree));
    let opened = Opened::new(step, Asked { present: Some(present), memory, ..Asked::default() })?;
    let mut methods = Methods::of(step, untracked);
    opened.run_mixed(|core| load_generate_by(core, &mut methods, Methods::generate))
}

/// Generates the payload, and persists it if asked to.
#[pyfunction]
pub(crate) fn generate<'py>(step: &Bound<'py, PyAny>, persist: bool, untracked: &Bound<'py, PyDict>) -> PyResult<()> {
    refuse_key_only(step)?;
    let asked = Asked { untracked: Some(untracked), creates_folder: persist, ..Asked::default() };
    let opened = Opened::new(step, asked)?;
    if persist && is_overridden(step, &["persist"])? {
        let methods = Methods::of(step, untracked);
        return opened.run_mixed(|core| generate_by(core, &Untracked::new(), || methods.persist()));
    }
    opened.run(|core| match persist {
        true => core.generate().map(drop),
        false => core.generate_unpersisted(&Untracked::new()).map(drop),
    })
}

/// Persists the payload that the step has in memory: also one that the validator refuses, with a warning.
#[pyfunction]
pub(crate) fn persist(step: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = step.py();
    refuse_key_only(step)?;
    let name = || step.getattr(intern!(py, "payload_name")).and_then(|name| name.str()).map(|name| name.to_string());
    let Some((memory, held)) =
        Handle::of(step)?.get().memory().and_then(|memory| Some((memory.clone(), memory.get()?)))
    else {
        let message = format!("there is no payload of {} to persist: call generate() or load() first", name()?);
        return Err(exception(py, ErrorKind::NoPayload, &message));
    };
    let present = tree::of_step(step)?;
    if !memory.is_current(&present.tree)? {
        let name = name()?;
        let message =
            format!("the params of {name} changed since its payload was generated: generate() it for the present ones");
        return Err(exception(py, ErrorKind::Outdated, &message));
    }
    refuse_unpersistable(step, &held.payload.0)?;
    let made_for = memory.made_for(&present.tree)?;
    let asked =
        Asked { creates_folder: true, present: Some(present), memory: Some((memory, made_for)), ..Asked::default() };
    Opened::new(step, asked)?.run(persist_even_if_invalid)
}

/// Removes the artifact that is persisted; returns whether there was one.
#[pyfunction]
pub(crate) fn remove(step: &Bound<'_, PyAny>) -> PyResult<bool> {
    refuse_key_only(step)?;
    Opened::new(step, Asked::default())?.run(Persistable::remove)
}
