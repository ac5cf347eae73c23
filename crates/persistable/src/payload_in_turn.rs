//! The payload in memory, which one thread loads or generates for all.

use std::cell::Cell;
use std::sync::Arc;
use std::thread::ThreadId;

use persistable_base::slot::{Claimed, Filling, Slot};
use persistable_base::wait::Patience;

use crate::error::Result;
use crate::inner::{HeldOf, Inner};
use crate::leasing::{Waiter, of_thread};
use crate::made::Made;
use crate::step::Step;
use crate::waits::{Claim, Claimable};

/// What it is a thread's turn to do.
pub(crate) enum Turn<S: Step> {
    /// There is a payload.
    Filled(HeldOf<S>),
    /// It is to load or generate the payload, for all threads.
    Fill {
        filling: Filling<S::Payload, Arc<Made>>,
        /// Whether another thread was about to fill it before.
        has_waited: bool,
    },
    /// It is to load or generate the payload for itself: who fills the slot is this thread, or waits for it.
    FillAlone,
}

/// A thread fills the slot for all threads until this is dropped.
pub(crate) struct Filler<S: Step> {
    _filling: Filling<S::Payload, Arc<Made>>,
    _claim: Claim,
}

impl<S: Step> Inner<S> {
    /// Returns the payload in memory, or the right to put one there.
    pub(crate) fn turn(&self) -> Result<Turn<S>> {
        self.turn_by(Slot::get_or_claim)
    }

    /// Returns the payload that another thread puts into memory at this time, or the right to do so.
    pub(crate) fn turn_anew(&self) -> Result<Turn<S>> {
        self.turn_by(Slot::claim_or_join)
    }

    fn turn_by(
        &self,
        claim: impl FnOnce(&Slot<S::Payload, Arc<Made>>, Patience<'_, ThreadId>) -> Claimed<S::Payload, Arc<Made>>,
    ) -> Result<Turn<S>> {
        let waiter = Waiter::new(self, self.claimable_slot());
        let mut on_wait = |thread: &_| waiter.tell(&of_thread(thread));
        let has_waited = Cell::new(false);
        let is_over = || {
            has_waited.set(true);
            waiter.is_over()
        };
        let claimed = claim(self.slot(), Patience::new(self.options.wait, &mut on_wait, &is_over));
        let is_cycle = waiter.into_cycle().is_some();
        match claimed {
            Claimed::Filled(filled) => Ok(Turn::Filled(filled)),
            Claimed::Filling(filling) => Ok(Turn::Fill { filling, has_waited: has_waited.get() }),
            Claimed::Already => Ok(Turn::FillAlone),
            Claimed::GaveUp(..) if is_cycle => Ok(Turn::FillAlone),
            Claimed::GaveUp(thread, end) => Err(self.gave_up(&of_thread(&thread), end)),
        }
    }

    /// Begins to fill the slot on this thread, perhaps another one than that whose turn it was. What is returned is dropped as soon
    /// as the slot is filled: others wait for that, and must not wait for what is done afterwards.
    pub(crate) fn fill(&self, turn: Turn<S>) -> Option<Filler<S>> {
        let Turn::Fill { filling, .. } = turn else { return None };
        filling.take_over();
        Some(Filler { _filling: filling, _claim: Claim::hold(self.claimable_slot(), &self.tree) })
    }

    fn claimable_slot(&self) -> Claimable {
        Claimable::Slot(std::ptr::from_ref(self.slot()).addr())
    }
}
