//! Calls of a step object that go on, and threads that use the object with other params meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use persistable::__private::is_same_but_for_name;
use persistable::ParamsTree;
use persistable::store::fork::Shared;

/// The calls of one step object that go on.
pub(crate) struct Ongoing(Shared<Vec<Arc<OngoingCall>>>);

struct OngoingCall {
    thread: ThreadId,
    of: ParamsTree,
    has_met_other_params: AtomicBool,
}

/// Ends a call when it is dropped.
pub(crate) struct Guard<'a> {
    ongoing: &'a Ongoing,
    call: Arc<OngoingCall>,
}

impl Ongoing {
    pub(crate) fn none() -> Self {
        Self(Shared::new(Vec::new()))
    }

    /// Notes that this thread begins a call of the step with these params.
    pub(crate) fn begin(&self, of: &ParamsTree) -> Guard<'_> {
        let (thread, has_met_other_params) = (thread::current().id(), AtomicBool::new(false));
        let call = Arc::new(OngoingCall { thread, of: of.clone(), has_met_other_params });
        self.0.with(|calls| calls.push(Arc::clone(&call)));
        Guard { ongoing: self, call }
    }

    /// Notes that this thread uses the step object with these params.
    pub(crate) fn meet(&self, present: &ParamsTree) {
        let calls = self.0.with(|calls| calls.clone());
        let this = thread::current().id();
        for call in calls.iter().filter(|call| call.thread != this) {
            if !is_same_but_for_name(present, &call.of) {
                call.has_met_other_params.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether another thread used the step object with other params since this thread began its call.
    pub(crate) fn has_met_other_params(&self) -> bool {
        let this = thread::current().id();
        self.0.with(|calls| {
            let own = calls.iter().rfind(|call| call.thread == this);
            own.is_some_and(|own| own.has_met_other_params.load(Ordering::Relaxed))
        })
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.ongoing.0.with(|calls| calls.retain(|other| !Arc::ptr_eq(other, &self.call)));
    }
}
