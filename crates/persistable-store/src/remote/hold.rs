//! What ends a lease when it is dropped.

use std::sync::Arc;

use super::desk::Desk;
use super::own_lease::OwnLease;
use super::renewal;
use crate::backend::{Found, Hold};
use crate::error::Result;

/// A lease, until it is dropped.
#[derive(Debug)]
pub(super) struct RemoteHold {
    desk: Arc<Desk>,
    held: Arc<OwnLease>,
}

impl RemoteHold {
    /// Begins to hold a lease that was put.
    pub(super) fn begin(desk: &Arc<Desk>, held: Arc<OwnLease>) -> Self {
        desk.note(&held);
        renewal::begin(&held);
        Self { desk: Arc::clone(desk), held }
    }
}

impl Hold for RemoteHold {
    /// The store decides a commit by the manifest. So a lease that another has taken over ends nothing where that is so.
    fn is_lost(&self) -> Result<bool> {
        self.held.is_overtaken()
    }

    fn may_have_ended(&self) -> bool {
        self.held.may_have_ended()
    }

    fn note(&self, found: Option<&Found>) {
        self.held.note_done(found);
    }
}

impl Drop for RemoteHold {
    fn drop(&mut self) {
        if self.held.is_of_this_process() {
            renewal::end(&self.held);
            self.held.release();
            self.desk.forget(&self.held);
        }
    }
}
