//! One step on a thread of a run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::ensured::Ensured;
use crate::error::{Error, ErrorKind, Result};
use crate::maker::{How, Upstream};

/// What the threads of a run tell the one that drives them.
pub(super) enum Message {
    /// A step ended.
    Ended { index: usize, ended: Result<Ensured>, took: Duration },
    /// What was persisted before is durable, or it can't be made durable.
    Synced(Result<()>),
}

/// Makes sure that a step is persisted. A panic of its code is a failure like others.
pub(super) fn ensure(step: &Upstream, how: How<'_>) -> Result<Ensured> {
    let error = |message: String| {
        Error::new(ErrorKind::Generation, "generate", step.0.tree().id(), message).of_tree(step.0.tree())
    };
    let Some(runs) = step.0.runs() else {
        return Err(error("a step of another language can't be run from here".to_owned()));
    };
    catch_unwind(AssertUnwindSafe(|| runs.ensure(how))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(error(format!("the step's code panicked: {text}")))
    })
}
