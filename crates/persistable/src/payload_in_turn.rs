//! The payload in memory, which one thread loads or generates for all.

use std::sync::Arc;
use std::thread::ThreadId;

use persistable_base::slot::{Claimed, Filling, Slot};
use persistable_base::wait::Patience;

use crate::error::Result;
use crate::inner::{HeldOf, Inner};
use crate::leasing::{Watch, of_thread};
use crate::made::Made;
use crate::persistable::Persistable;
use crate::step::Step;
use crate::untracked::Untracked;
use crate::waits::{Claim, Claimable};

/// What it is a thread's turn to do.
pub(crate) enum Turn<'a, S: Step> {
    /// There is a payload.
    Filled(HeldOf<S>),
    /// It is to load or generate the payload, for all threads until this is dropped.
    Fill(#[allow(dead_code, reason = "held until the slot is filled")] Filler<'a, S>),
    /// It is to load or generate the payload for itself: who fills the slot is this thread, or waits for it.
    FillAlone,
}

pub(crate) struct Filler<'a, S: Step> {
    _filling: Filling<'a, S::Payload, Arc<Made>>,
    _claim: Claim,
}

impl<S: Step> Inner<S> {
    /// Returns the payload in memory, or the right to put one there.
    pub(crate) fn turn(&self) -> Result<Turn<'_, S>> {
        self.turn_by(Slot::get_or_claim)
    }

    /// Returns the payload that another thread puts into memory at this time, or the right to do so.
    pub(crate) fn turn_anew(&self) -> Result<Turn<'_, S>> {
        self.turn_by(Slot::claim_or_join)
    }

    fn turn_by<'a>(
        &'a self,
        claim: impl FnOnce(&'a Slot<S::Payload, Arc<Made>>, Patience<'_, ThreadId>) -> Claimed<'a, S::Payload, Arc<Made>>,
    ) -> Result<Turn<'a, S>> {
        let claimable = Claimable::Slot(std::ptr::from_ref(self.slot()).addr());
        let watch = Watch::new(self, claimable);
        let mut on_wait = |thread: &_| watch.tell(&of_thread(thread));
        let is_over = || watch.is_over();
        let claimed = claim(self.slot(), Patience::new(self.options.wait, &mut on_wait, &is_over));
        let is_cycle = watch.into_cycle().is_some();
        match claimed {
            Claimed::Filled(filled) => Ok(Turn::Filled(filled)),
            Claimed::Filling(filling) => {
                let claim = Claim::hold(claimable, &self.tree);
                Ok(Turn::Fill(Filler { _filling: filling, _claim: claim }))
            }
            Claimed::Already => Ok(Turn::FillAlone),
            Claimed::GaveUp(..) if is_cycle => Ok(Turn::FillAlone),
            Claimed::GaveUp(thread, end) => Err(self.gave_up(&thread, end)),
        }
    }
}

impl<S: Step> Persistable<S> {
    /// Returns the payload in memory, or fills the slot for all threads.
    pub(crate) fn payload_in_turn(&self) -> Result<Arc<S::Payload>> {
        match self.0.turn()? {
            Turn::Filled(filled) if !filled.is_pending => Ok(filled.payload),
            _until_filled => self.isolated(|inner| inner.load_or_generate(&Untracked::new())),
        }
    }
}
