//! Loading what is persisted, and generating what is not.

use std::sync::Arc;

use crate::error::Result;
use crate::inner::Inner;
use crate::load::{Found, OnInvalid};
use crate::log::Event;
use crate::run::Run;
use crate::step::Step;
use crate::untracked::Untracked;

impl<S: Step> Inner<S> {
    pub(crate) fn load_or_generate(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        if let Some(held) = self.slot.get().filter(|held| held.is_pending) {
            // It was generated, perhaps for days, and could not be persisted. It must not be generated again.
            self.persist_leased(&self.lease()?, &held)?;
            return Ok(held.payload);
        }
        let run = Run::new(self.tree.key(), untracked);
        let seen = match self.find(&run, OnInvalid::Refuse)? {
            Found::Payload(payload) => return Ok(payload),
            Found::Nothing => None,
            Found::Damaged(damage) => damage.commit_id,
        };
        let mut lease = self.lease()?;
        if self.is_another_there(seen.as_deref()) {
            // Whoever had the lease before has generated it. Reading may take long, and others wait for the lease only
            // to read it too.
            drop(lease);
            if let Found::Payload(payload) = self.find(&run, OnInvalid::Refuse)? {
                return Ok(payload);
            }
            lease = self.lease()?;
        }
        match self.find(&run, OnInvalid::Refuse)? {
            Found::Payload(payload) => return Ok(payload),
            Found::Damaged(damage) => self.quarantine(&lease, &damage.error)?,
            Found::Nothing => self.tell(&Event::Missed),
        }
        self.generate_leased(&lease, untracked)
    }

    /// Whether there is an artifact of another commit than the one that was of no use.
    fn is_another_there(&self, seen: Option<&str>) -> bool {
        let found = self.store.find(self.tree.id());
        found.is_ok_and(|found| found.is_some_and(|artifact| Some(artifact.manifest().commit_id.as_str()) != seen))
    }
}
