//! Loading what is persisted, and generating what is not.

use std::sync::Arc;

use persistable_store::Wait;

use crate::error::{Error, ErrorKind, Result};
use crate::inner::{HeldOf, Inner, OnInvalid};
use crate::leasing::Leased;
use crate::load::Lookup;
use crate::run::Run;
use crate::step::Step;
use crate::untracked::Untracked;

/// So often a lease may be lost in one call.
const MOST_LOSSES: usize = 3;

/// What loads, generates and persists: the core, or methods of another language that override those of the core.
pub trait Ways {
    /// What they return.
    type Got;
    /// What they raise.
    type Error: From<Error>;

    /// Loads the payload.
    ///
    /// # Errors
    ///
    /// Any but that there is nothing to load.
    fn load(&mut self) -> std::result::Result<LoadOutcome<Self::Got>, Self::Error>;

    /// Persists a payload that was generated before, and is not persisted yet.
    ///
    /// # Errors
    ///
    /// Any.
    fn persist(&mut self) -> std::result::Result<Self::Got, Self::Error>;
}

/// What a look into the store found.
pub enum LoadOutcome<T> {
    /// The payload, which is in memory now.
    Loaded(T),
    /// There is nothing.
    Nothing,
    /// It is damaged; its commit, where that is known.
    Damaged(Option<String>),
}

/// How the core does it.
struct Own<'a, 'b, S: Step> {
    inner: &'a Inner<S>,
    run: &'a Run<'b>,
}

impl<S: Step> Ways for Own<'_, '_, S> {
    type Got = Arc<S::Payload>;
    type Error = Error;

    fn load(&mut self) -> Result<LoadOutcome<Self::Got>> {
        Ok(match self.inner.find(self.run, OnInvalid::Refuse)? {
            Lookup::Payload(payload) => LoadOutcome::Loaded(payload),
            Lookup::Nothing => LoadOutcome::Nothing,
            Lookup::Damaged(damage) => LoadOutcome::Damaged(damage.commit_id),
        })
    }

    fn persist(&mut self) -> Result<Self::Got> {
        let held = self.inner.held("persist")?;
        let lease = self.inner.lease()?;
        // Whoever had the lease before may have persisted it.
        let is_settled = |now: HeldOf<S>| Arc::ptr_eq(&now.payload, &held.payload) && !now.is_pending;
        if !self.inner.slot().get().is_some_and(is_settled) {
            self.inner.persist_leased(&lease, &held)?;
        }
        Ok(held.payload)
    }
}

impl<S: Step> Inner<S> {
    pub(crate) fn load_or_generate(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.tree.key(), untracked);
        let mut losses = 0;
        loop {
            let lost = match self.load_or_generate_once(&run) {
                Err(error) if error.is_lease_lost() => error,
                done => return done,
            };
            losses += 1;
            if losses == MOST_LOSSES {
                return Err(lost);
            }
            // Another one may have had the lease meanwhile, and its payload counts. Otherwise the next try persists the one in
            // memory.
            if let Lookup::Payload(payload) = self.find(&run, OnInvalid::Refuse)? {
                return Ok(payload);
            }
        }
    }

    fn load_or_generate_once(&self, run: &Run<'_>) -> Result<Arc<S::Payload>> {
        self.in_order(&mut Own { inner: self, run }, |_, lease| {
            // What taking the lease saw is how things are until it ends.
            if matches!(lease.found(), Ok(None)) {
                self.tell_missed();
                return self.generate_lacking(lease, run);
            }
            match self.find(run, OnInvalid::Refuse)? {
                Lookup::Payload(payload) => return Ok(payload),
                Lookup::Damaged(damage) => self.quarantine(&lease, &damage.error)?,
                Lookup::Nothing => self.tell_missed(),
            }
            self.generate_lacking(lease, run)
        })
    }

    /// Loads, and generates where there is nothing to load: the order in which that is done, by whatever it is done.
    pub(crate) fn in_order<'a, W: Ways>(
        &'a self,
        ways: &mut W,
        generate: impl FnOnce(&mut W, Leased<'a>) -> std::result::Result<W::Got, W::Error>,
    ) -> std::result::Result<W::Got, W::Error> {
        if self.slot().get().is_some_and(|held| held.is_pending) {
            // It was generated, perhaps for days, and could not be persisted. It must not be generated again.
            return ways.persist();
        }
        let (is_damaged, seen) = match ways.load()? {
            LoadOutcome::Loaded(payload) => return Ok(payload),
            LoadOutcome::Nothing => (false, None),
            LoadOutcome::Damaged(commit_id) => (true, commit_id),
        };
        let lease = match self.lease_noticing().map_err(|error| lacking(error, is_damaged))? {
            (Some(lease), false) if !is_another_there(&lease, seen.as_deref()) => lease,
            (another, _) => {
                // Whoever had the lease before has generated it. Reading may take long, and others wait for the lease only to
                // read it too.
                drop(another);
                if let LoadOutcome::Loaded(payload) = ways.load()? {
                    return Ok(payload);
                }
                self.lease()?
            }
        };
        generate(ways, lease)
    }

    /// Takes the lease, and tells whether another had it. `None` where an artifact is there now. A step may also keep its payload in
    /// its own way, so that the store knows nothing of it.
    fn lease_noticing(&self) -> Result<(Option<Leased<'_>>, bool)> {
        match self.lease_within(Wait::NOT_AT_ALL) {
            Ok(lease) => Ok((Some(lease), false)),
            Err(error) if error.kind() == ErrorKind::Busy => Ok((self.lease_or_result()?, true)),
            Err(error) => Err(error),
        }
    }
}

/// Says why a lease was asked for, where it is refused to one who may only read. What to do is in the error.
fn lacking(error: Error, is_damaged: bool) -> Error {
    match error.kind() {
        ErrorKind::Denied if is_damaged => error.add("A result is there, but it is damaged"),
        ErrorKind::Denied => error.add("There is no result of this step that can be loaded"),
        _ => error,
    }
}

/// Whether there is an artifact of another commit than the one that was of no use.
fn is_another_there(lease: &Leased<'_>, seen: Option<&str>) -> bool {
    lease.found().is_ok_and(|found| found.is_some_and(|artifact| Some(artifact.manifest().commit_id.as_str()) != seen))
}
