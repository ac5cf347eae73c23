//! The generations that this thread works for: which steps ask for which payloads.
//!
//! A generation asks for the payloads of other steps, which may be generated inside of it. What the threads that a step starts
//! itself ask for is not seen.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use persistable_store::Digest;

use crate::context::{self, Entered};
use crate::error::{ErrorKind, Result};
use crate::frame::{Asker, Frame};
use crate::made::UsedPayload;
use crate::options::Policy;
use crate::params_tree::ParamsTree;
use crate::stale::{StaleKind, StaleWarning, change_of};
use crate::warn::warn_or_refuse;

/// A generation, from its begin to its end.
pub(crate) struct Generation {
    frame: Arc<Frame>,
    _entered: Entered,
}

impl Generation {
    pub(crate) fn begin(asker: Asker) -> Self {
        let frame = Arc::new(Frame::new(asker));
        let entered = context::enter(|context| context.frame = Some(Arc::clone(&frame)), true);
        Self { frame, _entered: entered }
    }

    /// Returns the payloads that were used, by key, and how long the generation was waiting for other steps.
    pub(crate) fn take_used(&self) -> (BTreeMap<String, UsedPayload>, Duration) {
        self.frame.take_used()
    }
}

/// Warns that the step that is generated here uses another without having declared it, or refuses that.
pub(crate) fn check_declared(used: &ParamsTree) -> Result<()> {
    let Some(frame) = context::current().frame else { return Ok(()) };
    let Asker { tree, options, log_folder } = &frame.asker;
    if options.undeclared == Policy::Ignore || frame.is_declared(used.key()) {
        return Ok(());
    }
    let message = format!(
        "it asks for the payload of {}, which is not among its dependencies. If that step changes, the \
         key of this one stays the same. Declare it as a dependency",
        used.id()
    );
    let (key, used_key) = (tree.payload_name().to_owned(), used.payload_name().to_owned());
    let change = change_of(StaleKind::UndeclaredDependency, [key.as_str(), used_key.as_str()]);
    let warning = StaleWarning {
        kind: StaleKind::UndeclaredDependency,
        step: tree.id().to_string(),
        key: tree.key(),
        message,
        differences: Vec::new(),
        change,
    };
    warn_or_refuse(tree, options, log_folder.as_deref(), options.undeclared, warning, ErrorKind::Undeclared, "generate")
}

/// Asks for the payload of a step, perhaps on behalf of a generation: that time is not its own.
pub(crate) fn calling<T>(call: impl FnOnce() -> T) -> T {
    match context::current().frame {
        Some(frame) => frame.calling(call),
        None => call(),
    }
}

/// Notes that the generation that is under way here uses a payload.
pub(crate) fn note_use(of: &ParamsTree, payload: Option<Digest>) {
    if let Some(frame) = context::current().frame {
        frame.note_use(of, payload);
    }
}
