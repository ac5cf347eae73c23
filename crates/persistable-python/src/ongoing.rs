//! Generations that go on, and threads that use the same step object with other params meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use persistable::__private::is_same_but_for_name;
use persistable::ParamsTree;
use persistable::store::fork::Shared;

/// The generations of one step object that go on.
pub(crate) struct Ongoing(Shared<Vec<Arc<Generation>>>);

struct Generation {
    thread: ThreadId,
    of: ParamsTree,
    has_met_other_params: AtomicBool,
}

/// Ends a generation when it is dropped.
pub(crate) struct Guard<'a> {
    ongoing: &'a Ongoing,
    generation: Arc<Generation>,
}

impl Ongoing {
    pub(crate) fn none() -> Self {
        Self(Shared::new(Vec::new()))
    }

    /// Notes that this thread begins to generate the payload of these params.
    pub(crate) fn begin(&self, of: &ParamsTree) -> Guard<'_> {
        let (thread, has_met_other_params) = (thread::current().id(), AtomicBool::new(false));
        let generation = Arc::new(Generation { thread, of: of.clone(), has_met_other_params });
        self.0.with(|generations| generations.push(Arc::clone(&generation)));
        Guard { ongoing: self, generation }
    }

    /// Notes that this thread uses the step object with these params.
    pub(crate) fn meet(&self, present: &ParamsTree) {
        let generations = self.0.with(|generations| generations.clone());
        let this = thread::current().id();
        for generation in generations.iter().filter(|generation| generation.thread != this) {
            if !is_same_but_for_name(present, &generation.of) {
                generation.has_met_other_params.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether another thread used the step object with other params since this thread began to generate.
    pub(crate) fn has_met_other_params(&self) -> bool {
        let this = thread::current().id();
        self.0.with(|generations| {
            let own = generations.iter().rfind(|generation| generation.thread == this);
            own.is_some_and(|own| own.has_met_other_params.load(Ordering::Relaxed))
        })
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.ongoing.0.with(|generations| generations.retain(|other| !Arc::ptr_eq(other, &self.generation)));
    }
}
