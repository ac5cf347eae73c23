//! Making sure that a step is persisted, for a run: nothing is loaded, and nobody is waited for.

use persistable_store::{Artifact, Durability, Manifest, Wait};

use crate::changes::{self, LastPayload};
use crate::ensured::Ensured;
use crate::error::{Error, ErrorKind, Result};
use crate::inner::Inner;
use crate::leasing::Leased;
use crate::maker::{How, Runs};
use crate::run::Run;
use crate::step::Step;
use crate::untracked::Untracked;

/// So often a lease may be lost in one call.
const MOST_LOSSES: usize = 3;

impl<S: Step> Runs for Inner<S> {
    fn ensure(&self, how: How<'_>) -> Result<Ensured> {
        let untracked = Untracked::new();
        let run = Run::new(self.tree.key(), &untracked);
        let run = if how.is_synced_later { run.with_durability(Durability::Fast) } else { run };
        let mut losses = 0;
        let ensured = loop {
            match self.ensure_once(&run, how) {
                // Another one may have had the lease meanwhile, and its payload counts.
                Err(error) if error.is_lease_lost() && losses < MOST_LOSSES => losses += 1,
                done => break done,
            }
        };
        self.told(ensured)
    }

    fn check(&self, manifest: &Manifest) -> Result<()> {
        self.check_fresh(manifest)
    }

    fn has_in_memory(&self) -> bool {
        self.slot().get().is_some()
    }

    fn forget(&self) {
        self.slot().forget_if(|held| !held.is_pending);
    }
}

impl<S: Step> Inner<S> {
    fn ensure_once(&self, run: &Run<'_>, how: How<'_>) -> Result<Ensured> {
        let Some(lease) = self.lease_now()? else { return Ok(Ensured::Taken) };
        let found = lease.found();
        let is_stale = |artifact: &Artifact| how.regenerates_stale && self.is_stale(artifact.manifest());
        if let Ok(Some(artifact)) = &found
            && !is_stale(artifact)
        {
            return Ok(Ensured::Present);
        }
        if let Some(held) = self.slot().get().filter(|held| held.is_pending) {
            // It was generated, perhaps for days, and could not be persisted. It must not be generated again.
            self.persist_leased(&lease, &held)?;
            return Ok(Ensured::Generated);
        }
        match found {
            Ok(stale) => {
                if stale.is_none() {
                    self.tell_missed();
                }
                let begun =
                    how.copies.map(|copies| copies.begin_step(&self.store, &lease, self.tree.key())).transpose()?;
                let held = self.generate_and_persist(&lease, &run.under(&lease));
                if let Some(begun) = begun {
                    begun.end(&self.store, &lease, &held);
                }
                drop(lease);
                self.done_generating(held?, run)?;
            }
            Err(_) => {
                // Its manifest is damaged, or can't be read.
                drop(lease);
                self.load_or_generate(&Untracked::new())?;
            }
        }
        Ok(Ensured::Generated)
    }

    /// Returns whether the present code, inputs or direct dependencies are other than those that made an artifact.
    pub(crate) fn is_stale(&self, manifest: &Manifest) -> bool {
        let last = |index| self.payload_digest_of_dependency(index).map(LastPayload::present);
        !changes::of_all(self, manifest, last).is_empty()
    }

    /// Takes the lease, unless another has it.
    fn lease_now(&self) -> Result<Option<Leased<'_>>> {
        let is_taken = |error: &Error| error.kind() == ErrorKind::Busy && error.is_retryable();
        match self.lease_within(Wait::NOT_AT_ALL) {
            Ok(lease) => Ok(Some(lease)),
            Err(error) if is_taken(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
