//! Saying that an artifact is what the present code, inputs or dependencies would make.

use persistable_store::{CodeStamp, InputRecord, Manifest};

use crate::error::{ErrorKind, Result};
use crate::inner::Inner;
use crate::inputs;
use crate::leasing::Leased;
use crate::made::{Made, stamp_of};
use crate::persistable::Persistable;
use crate::step::Step;

impl<S: Step> Persistable<S> {
    /// Says that the present code gives the persisted payload. After that, the payload is loaded without a warning.
    /// This also holds for programs that still have the earlier code. The payload and its file do not change.
    ///
    /// # Errors
    ///
    /// - [`Missing`](ErrorKind::Missing): nothing is persisted.
    /// - [`Damaged`](ErrorKind::Damaged): the artifact is damaged.
    /// - [`Busy`](ErrorKind::Busy): another thread or process generates it, and the wait took too long.
    /// - The errors of writing.
    pub fn accept_code(&self) -> Result<()> {
        let present = self.0.step().code();
        let step_type = self.0.step().step_type();
        self.0.amend(|manifest| {
            match (&manifest.step_type, step_type) {
                (None, present) => manifest.step_type = present,
                (Some(recorded), Some(present))
                    if *recorded != present && !manifest.accepted_step_types.contains(&present) =>
                {
                    manifest.accepted_step_types.push(present);
                }
                _ => {}
            }
            if present.is_empty() {
                return;
            }
            let recorded = manifest.code.get_or_insert_with(|| stamp_of(&present, &[], self.store()));
            let stamp = stamp_of(&present, &recorded.state, self.store());
            let is_known =
                |known: &CodeStamp| known.digests.iter().any(|(tag, digest)| stamp.digests.get(tag) == Some(digest));
            if !is_known(recorded) && !recorded.accepted.iter().any(is_known) {
                recorded.accepted.push(stamp.with_state(Vec::new()));
            }
        })
    }

    /// Says that the present payloads of the direct dependencies give the persisted payload. Of a dependency that was removed, it
    /// is the last one that is known.
    ///
    /// # Errors
    ///
    /// Those of [`accept_code`](Self::accept_code).
    pub fn accept_dependencies(&self) -> Result<()> {
        self.0.amend(|manifest| {
            let last = self.0.last_payloads(manifest).into_iter().map(|(_, last)| last.map(|last| last.digest));
            let last: Vec<_> = last.collect();
            for (record, digest) in manifest.dependencies.iter_mut().zip(last) {
                if let Some(digest) = digest
                    && record.payload_digest != Some(digest)
                    && !record.accepted.contains(&digest)
                {
                    record.accepted.push(digest);
                }
            }
        })
    }

    /// Says that the present content of the files that the params name gives the persisted payload.
    ///
    /// # Errors
    ///
    /// Those of [`accept_code`](Self::accept_code).
    pub fn accept_inputs(&self) -> Result<()> {
        self.0.amend(|manifest| {
            for change in inputs::changed(&manifest.inputs) {
                let is_it = |record: &&mut InputRecord| record.param == change.param && record.path == change.path;
                if let (Some(record), Some(digest)) = (manifest.inputs.iter_mut().find(is_it), change.digest) {
                    record.accepted.push(digest);
                }
            }
        })
    }
}

impl<S: Step> Inner<S> {
    /// Changes what the manifest says, under the lease.
    fn amend(&self, change: impl FnOnce(&mut Manifest)) -> Result<()> {
        let amended = self.lease().and_then(|lease| self.amend_leased(&lease, change));
        self.told(amended)
    }

    fn amend_leased(&self, lease: &Leased<'_>, change: impl FnOnce(&mut Manifest)) -> Result<()> {
        let of_store = |error| self.store_error("accept", error);
        if self.look_up().map_err(of_store)?.is_none() {
            let advice = "nothing is persisted for these parameters, so there is nothing to accept";
            return Err(self.error(ErrorKind::Missing, "accept", advice));
        }
        let amended = self.store.amend(lease, &self.options.keys, &self.options.store, change);
        let manifest = amended.map_err(of_store)?;
        if let Some(held) = self.slot().get().filter(|held| !held.is_pending) {
            let made = Made::of_manifest(&manifest, manifest.payload.digest);
            if held.made.payload_digest == made.payload_digest {
                let made = std::sync::Arc::new(made);
                self.slot().settle(&held.payload, made);
            }
        }
        Ok(())
    }
}
