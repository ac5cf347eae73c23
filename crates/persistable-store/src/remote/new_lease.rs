//! A lease that is about to be put.

use std::sync::Arc;
use std::time::Duration;

use persistable_objects::Version;

use super::body::{Body, Litter};
use super::names;
use super::own_lease::{OwnLease, PutLease};
use super::root::{Fence, Root};
use super::seen_lease::Left;
use crate::backend::LeaseAnswer;
use crate::machine::unique_text;

/// How trying to get a lease ended.
#[derive(Debug)]
pub(super) enum Tried {
    Leased(Arc<OwnLease>),
    Taken(LeaseAnswer),
}

/// A lease that is about to be put.
#[derive(Debug)]
pub(super) struct NewLease {
    pub(super) body: Body,
    payload: String,
    /// What is to be noted for one more holder.
    doubtful: Vec<Litter>,
    /// When it began to be put.
    begin: Duration,
}

impl NewLease {
    /// Prepares a lease, which carries over what others may have left behind.
    pub(super) fn new(root: &Root, stem: &str, left: Left) -> Self {
        let Left { mut litter, is_holder_known_to_be_done } = left;
        let doubtful = if is_holder_known_to_be_done { Vec::new() } else { litter.clone() };
        let payload = names::fresh_payload(stem);
        litter.push(Litter { name: payload.clone(), upload: None });
        let body = Body::held(&unique_text(), root.settings.lease_time, litter);
        Self { body, payload, doubtful, begin: root.settings.clock.now() }
    }

    /// Notes that it was put.
    pub(super) fn done(
        self,
        root: &Arc<Root>,
        stem: &str,
        fence: Fence,
        object: String,
        version: Version,
    ) -> Arc<OwnLease> {
        let Self { body, payload, doubtful, begin } = self;
        let put = PutLease { stem: stem.to_owned(), body, payload, doubtful, fence, object, version };
        Arc::new(OwnLease::new(root, put, begin))
    }
}
