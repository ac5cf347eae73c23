//! Loading what is persisted, and generating what is not.

use std::sync::Arc;

use crate::error::Result;
use crate::inner::Inner;
use crate::load::{Found, OnInvalid};
use crate::log::Event;
use crate::step::{Run, Step, Untracked};

impl<S: Step> Inner<S> {
    pub(crate) fn load_or_generate(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        if let Some(held) = self.slot.get().filter(|held| held.is_pending) {
            // It was generated, perhaps for days, and could not be persisted. It must not be generated again.
            self.persist_leased(&self.lease()?, &held)?;
            return Ok(held.payload);
        }
        let run = Run::new(self.tree.key(), untracked);
        if let Found::Payload(payload) = self.find(&run, OnInvalid::Refuse)? {
            return Ok(payload);
        }
        let lease = self.lease()?;
        // Whoever had the lease before may have generated it meanwhile.
        match self.find(&run, OnInvalid::Refuse)? {
            Found::Payload(payload) => return Ok(payload),
            Found::Damaged(error) => self.quarantine(&lease, &error)?,
            Found::Nothing => self.tell(&Event::Missed),
            Found::Outdated => {}
        }
        self.generate_leased(&lease, untracked)
    }
}
