//! Loading what is persisted, and generating what is not.

use std::sync::Arc;

use crate::error::Result;
use crate::inner::Inner;
use crate::leasing::Leased;
use crate::load::{Found, OnInvalid};
use crate::log::Event;
use crate::run::Run;
use crate::step::Step;
use crate::untracked::Untracked;

/// So often a lease may be lost in one call.
const MOST_LOSSES: usize = 3;

impl<S: Step> Inner<S> {
    pub(crate) fn load_or_generate(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.tree.key(), untracked);
        let mut losses = 0;
        loop {
            let lost = match self.load_or_generate_once(&run, untracked) {
                Err(error) if error.is_lease_lost() => error,
                done => return done,
            };
            losses += 1;
            if losses == MOST_LOSSES {
                return Err(lost);
            }
            // Another one may have had the lease meanwhile, and its payload counts. Otherwise the next try persists the one in
            // memory.
            if let Found::Payload(payload) = self.find(&run, OnInvalid::Refuse)? {
                return Ok(payload);
            }
        }
    }

    fn load_or_generate_once(&self, run: &Run<'_>, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        if let Some(held) = self.slot.get().filter(|held| held.is_pending) {
            // It was generated, perhaps for days, and could not be persisted. It must not be generated again.
            self.persist_leased(&self.lease()?, &held)?;
            return Ok(held.payload);
        }
        let seen = match self.find(run, OnInvalid::Refuse)? {
            Found::Payload(payload) => return Ok(payload),
            Found::Nothing => None,
            Found::Damaged(damage) => damage.commit_id,
        };
        let mut lease = self.lease()?;
        if is_another_there(&lease, seen.as_deref()) {
            // Whoever had the lease before has generated it. Reading may take long, and others wait for the lease only
            // to read it too.
            drop(lease);
            if let Found::Payload(payload) = self.find(run, OnInvalid::Refuse)? {
                return Ok(payload);
            }
            lease = self.lease()?;
        }
        // What taking the lease saw is how things are until it ends.
        if matches!(lease.found(), Ok(None)) {
            self.tell(&Event::Missed);
            return self.generate_leased(&lease, untracked);
        }
        match self.find(run, OnInvalid::Refuse)? {
            Found::Payload(payload) => return Ok(payload),
            Found::Damaged(damage) => self.quarantine(&lease, &damage.error)?,
            Found::Nothing => self.tell(&Event::Missed),
        }
        self.generate_leased(&lease, untracked)
    }
}

/// Whether there is an artifact of another commit than the one that was of no use.
fn is_another_there(lease: &Leased, seen: Option<&str>) -> bool {
    lease.found().is_ok_and(|found| found.is_some_and(|artifact| Some(artifact.manifest().commit_id.as_str()) != seen))
}
