//! What ends a lease when it is dropped.

use std::sync::Arc;

use super::own_lease::OwnLease;
use super::remote_store::RemoteStore;
use super::renewal;
use crate::backend::{Found, Hold};
use crate::error::Result;

/// A lease, until it is dropped.
#[derive(Debug)]
pub(super) struct RemoteHold {
    store: Arc<RemoteStore>,
    lease: Arc<OwnLease>,
}

impl RemoteHold {
    /// Begins to hold a lease that was put.
    pub(super) fn begin(store: &Arc<RemoteStore>, lease: Arc<OwnLease>) -> Self {
        store.note(&lease);
        renewal::begin(&lease);
        Self { store: Arc::clone(store), lease }
    }
}

impl Hold for RemoteHold {
    /// The store decides a commit by the manifest. So a lease that another has taken over ends nothing where that is so.
    fn is_lost(&self) -> Result<bool> {
        self.lease.is_overtaken()
    }

    fn may_have_ended(&self) -> bool {
        self.lease.may_have_ended()
    }

    fn note(&self, found: Option<&Found>) {
        self.lease.note_done(found);
    }
}

impl Drop for RemoteHold {
    fn drop(&mut self) {
        if self.lease.is_of_this_process() {
            renewal::end(&self.lease);
            self.lease.release();
            self.store.forget(&self.lease);
        }
    }
}
