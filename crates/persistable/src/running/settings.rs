//! What a run is told to do.

use std::sync::Arc;

use super::event::{Progress, RunEvent};
use super::machine::RunRules;
use super::plan::Plan;
use crate::maker::Upstream;
use crate::options::Interrupt;

pub(super) type EventListener = dyn Fn(&RunEvent<'_>, &Progress) + Send + Sync;

/// What a run does.
pub(super) struct Work<'a> {
    pub plan: &'a Plan,
    pub targets: &'a [Upstream],
    pub regenerates_stale: bool,
    pub threads: usize,
    pub rules: RunRules,
    pub interrupt: &'a Interrupt,
    pub listeners: &'a [Arc<EventListener>],
}
