//! What copies of one program tell each other about the steps that they share.

use std::collections::{HashMap, HashSet};

use persistable_key::Key;
use persistable_store::backend::Identity;
use persistable_store::{ArtifactId, Attempt, Lease, Store};

use crate::error::{Error, ErrorKind, Result};

/// A step is started again after so many copies died with it. The next one is its failure.
const MOST_LOSSES: u32 = 1;

/// One of several copies of a program that share the missing steps of a run. It knows from the store which of them failed in
/// another copy.
///
/// A note of an attempt counts if it has the name of this job, or if it was written after this copy began. So a later run tries
/// again what failed in an earlier one.
#[derive(Debug)]
pub struct Copies {
    job: Option<String>,
    retries: u32,
    /// The notes that were there before. Layers keep theirs in the last one, whose identity they have.
    before: HashMap<(Identity, String), Attempt>,
    /// Whether one program drives them. It knows what failed, and asks only on which step workers died.
    is_driven: bool,
}

impl Copies {
    /// Begins to share the missing steps of a run, which are in these stores. `job` is what all copies call what they do, if there
    /// is such a name. In all copies together, a step that fails is tried again so often.
    ///
    /// # Errors
    ///
    /// Those of reading a store.
    pub fn begin<'a>(stores: impl IntoIterator<Item = &'a Store>, job: Option<String>, retries: u32) -> Result<Self> {
        let mut before = HashMap::new();
        for store in stores {
            let identity = store.identity();
            let error = |error| Error::of_store("run", store.location(), error);
            for stem in store.attempts().map_err(error)? {
                if let Some(attempt) = store.attempt(&stem).map_err(error)? {
                    before.insert((identity, stem), attempt);
                }
            }
        }
        Ok(Self { job, retries, before, is_driven: false })
    }

    /// Returns what the workers of a run tell each other that one program drives. Its scheduler may start a step again that was
    /// lost with a worker, and tell nobody.
    #[must_use]
    pub fn of_run(run: String) -> Self {
        Self { job: Some(run), retries: 0, before: HashMap::new(), is_driven: true }
    }

    /// Notes that this copy begins to generate a leased step.
    pub(crate) fn begin_step(&self, store: &Store, lease: &Lease, key: Key) -> Result<Begun> {
        let id = lease.id();
        let of_store = |error| Error::of_store("generate", id, error).of_key(key);
        let last = store.attempt(id.stem()).map_err(of_store)?.filter(|last| self.counts(store, id.stem(), last));
        let (failures, losses) = match &last {
            None => (0, 0),
            Some(last) if last.error.is_some() => (last.failures, last.losses),
            // Its process had the lease, and has it no longer.
            Some(last) => (last.failures, last.losses + 1),
        };
        if let Some(last) = &last {
            if losses > MOST_LOSSES {
                let what = "died while it generated this step. It was not the first one that did";
                return Err(failure_elsewhere(last, id, key, what));
            }
            if let Some(error) = self.failure_in(last, id, key) {
                return Err(error);
            }
        }
        let attempt = Attempt::now(self.job.clone(), failures, losses);
        // A kind of store that can't keep notes costs the others attempts of their own.
        let _ = store.note_attempt(lease, Some(&attempt));
        Ok(Begun { attempt, is_driven: self.is_driven })
    }

    /// Returns a step of these, all in one store, that failed in another copy and is not tried again, with its error.
    ///
    /// # Errors
    ///
    /// Those of reading the store.
    pub fn failed_elsewhere<'a, I: Copy>(
        &self,
        store: &Store,
        steps: impl IntoIterator<Item = (I, &'a ArtifactId, Key)>,
    ) -> Result<Option<(I, Error)>> {
        let of_store = |error| Error::of_store("run", store.location(), error);
        let noted: HashSet<String> = store.attempts().map_err(of_store)?.into_iter().collect();
        if noted.is_empty() {
            return Ok(None);
        }
        for (step, id, key) in steps.into_iter().filter(|(_, id, _)| noted.contains(id.stem())) {
            let last = store.attempt(id.stem()).map_err(of_store)?.filter(|last| self.counts(store, id.stem(), last));
            if let Some(error) = last.and_then(|last| self.failure_in(&last, id, key)) {
                return Ok(Some((step, error)));
            }
        }
        Ok(None)
    }

    /// Returns the error of an attempt after which the step is not tried again.
    fn failure_in(&self, last: &Attempt, id: &ArtifactId, key: Key) -> Option<Error> {
        let error = last.error.as_ref().filter(|_| last.failures > self.retries)?;
        Some(failure_elsewhere(last, id, key, &format!("failed to generate it: {error}")))
    }

    fn counts(&self, store: &Store, stem: &str, last: &Attempt) -> bool {
        let is_of_this_job = self.job.is_some() && last.job == self.job;
        is_of_this_job || !self.is_driven && self.before.get(&(store.identity(), stem.to_owned())) != Some(last)
    }
}

fn failure_elsewhere(last: &Attempt, id: &ArtifactId, key: Key, what: &str) -> Error {
    let Attempt { host, process, .. } = last;
    let message = format!("on the machine {host}, the process {process}, which shares this work, {what}");
    Error::new(ErrorKind::Generation, "generate", id, message).of_key(key).not_retryable()
}

/// An attempt that is under way.
pub(crate) struct Begun {
    attempt: Attempt,
    is_driven: bool,
}

impl Begun {
    /// Notes how it ended. What can't be noted costs the others an attempt of their own.
    pub(crate) fn end<T>(mut self, store: &Store, lease: &Lease, ended: &Result<T>) {
        let error = match ended {
            Err(error) if error.kind() != ErrorKind::Interrupted && !error.is_lease_lost() => {
                Some(format!("{error:#}"))
            }
            _ => None,
        };
        let attempt = &mut self.attempt;
        attempt.failures += u32::from(error.is_some());
        attempt.error = error;
        let is_worth_a_note = attempt.error.is_some() || attempt.failures + attempt.losses > 0;
        let is_done = ended.is_ok() || self.is_driven || !is_worth_a_note;
        let _ = store.note_attempt(lease, (!is_done).then_some(attempt));
    }
}
