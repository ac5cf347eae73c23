//! What a handle has in memory.

use std::sync::Arc;

use persistable_base::slot::{Filled, Origin, Slot};

use crate::lending::LentLeases;
use crate::made::Made;
use crate::step::Step;

/// The payload in memory. Handles of one step with other settings may share it.
pub struct Memory<S: Step>(Arc<InMemory<S>>);

struct InMemory<S: Step> {
    slot: Slot<S::Payload, Arc<Made>>,
    lent_leases: LentLeases,
}

/// A payload in memory.
pub struct PayloadInMemory<P> {
    /// The payload.
    pub payload: Arc<P>,
    /// How it was made.
    pub made: Arc<Made>,
    /// Whether it was generated to be persisted, and is not yet.
    pub is_pending: bool,
}

impl<S: Step> Memory<S> {
    /// Makes an empty one.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "no user needs it")]
    pub fn new() -> Self {
        Self::at(LentLeases::new())
    }

    /// Makes an empty one of a step with these lent leases.
    #[must_use]
    pub fn at(lent_leases: LentLeases) -> Self {
        Self(Arc::new(InMemory { slot: Slot::new(), lent_leases }))
    }

    /// Makes one of a step with these lent leases, with a payload.
    #[must_use]
    pub fn holding(lent_leases: LentLeases, payload: S::Payload, made: Arc<Made>, is_pending: bool) -> Self {
        let memory = Self::at(lent_leases);
        let filled = Filled { payload: Arc::new(payload), origin: Origin::Generated, made, is_pending };
        memory.slot().set(Some(filled));
        memory
    }

    /// Returns the payload, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<PayloadInMemory<S::Payload>> {
        let Filled { payload, made, is_pending, .. } = self.slot().get()?;
        Some(PayloadInMemory { payload, made, is_pending })
    }

    /// Returns whether both are one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn slot(&self) -> &Slot<S::Payload, Arc<Made>> {
        &self.0.slot
    }

    pub(crate) fn lent_leases(&self) -> &LentLeases {
        &self.0.lent_leases
    }
}

impl<S: Step> Clone for Memory<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
