//! Making sure that a step is persisted, for a run: nothing is loaded, and nobody is waited for.

use persistable_store::{Durability, Manifest, Wait};

use crate::copies::Copies;
use crate::ensured::Ensured;
use crate::error::{Error, ErrorKind, Result};
use crate::inner::Inner;
use crate::leasing::Leased;
use crate::maker::Runs;
use crate::run::Run;
use crate::step::Step;
use crate::untracked::Untracked;

/// So often a lease may be lost in one call.
const MOST_LOSSES: usize = 3;

impl<S: Step> Runs for Inner<S> {
    fn ensure(&self, is_synced_later: bool, copies: Option<&Copies>) -> Result<Ensured> {
        let untracked = Untracked::new();
        let run = Run::new(self.tree.key(), &untracked);
        let run = if is_synced_later { run.with_durability(Durability::Fast) } else { run };
        let mut losses = 0;
        let ensured = loop {
            match self.ensure_once(&run, copies) {
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
    fn ensure_once(&self, run: &Run<'_>, copies: Option<&Copies>) -> Result<Ensured> {
        let Some(lease) = self.lease_now()? else { return Ok(Ensured::Taken) };
        let found = lease.found().map(|found| found.is_some());
        if matches!(found, Ok(true)) {
            return Ok(Ensured::Present);
        }
        if let Some(held) = self.slot().get().filter(|held| held.is_pending) {
            // It was generated, perhaps for days, and could not be persisted. It must not be generated again.
            self.persist_leased(&lease, &held)?;
            return Ok(Ensured::Generated);
        }
        match found {
            Ok(_) => {
                self.tell_missed();
                let begun = copies.map(|copies| copies.begin_step(&self.store, &lease, self.tree.key())).transpose()?;
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
