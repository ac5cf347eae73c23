//! What is done under a lease.

use super::Store;
use crate::artifact::read_manifest;
use crate::backend::{Found, Look, Removal};
use crate::error::{Error, ErrorKind, Result};
use crate::format::name::check_suffix;
use crate::format::signature::has_signature;
use crate::format::{ArtifactId, Draft, Manifest, SigningKey};
use crate::keys::Keys;
use crate::lease::{Lease, Seen};
use crate::machine;
use crate::patience::{Holder, Patience};
use crate::publication::{Publication, Replaced, lost};
use crate::settings::{Settings, Wait};
use crate::staging::{Staged, Staging};

impl Store {
    /// Takes the lease of an artifact, waiting for other holders as long as allowed. After a second
    /// of waiting `on_wait` is told, once, for whom.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Busy`] when the wait was too long, or this very thread has the lease; [`ErrorKind::Denied`] in a
    /// store that can't be written to.
    pub fn lease(&self, id: &ArtifactId, wait: Wait, on_wait: &mut dyn FnMut(&Holder)) -> Result<Lease> {
        self.lease_interruptibly(id, wait, on_wait, &|| false)
    }

    /// [Takes the lease](Self::lease) of an artifact, and asks at least every 50 ms of waiting whether to
    /// wait no longer.
    ///
    /// # Errors
    ///
    /// Those of [`lease`](Self::lease), and [`ErrorKind::Interrupted`] when the answer was yes.
    pub fn lease_interruptibly(
        &self,
        id: &ArtifactId,
        wait: Wait,
        on_wait: &mut dyn FnMut(&Holder),
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Lease> {
        let lease = Lease::acquire(&self.backend, self.thread_locks, id, Patience::new(wait, on_wait, is_interrupted))?;
        Ok(if self.is_trusted() { lease.of_trusted_store() } else { lease })
    }

    /// Takes the lease as [`lease_interruptibly`](Self::lease_interruptibly) does, for one who only wants that there is a result. `None` where
    /// another had the lease, and an artifact is there now: look it up. In a bucket, that saves taking the lease only to see it.
    ///
    /// # Errors
    ///
    /// Those of [`lease_interruptibly`](Self::lease_interruptibly).
    pub fn lease_or_result(
        &self,
        id: &ArtifactId,
        wait: Wait,
        on_wait: &mut dyn FnMut(&Holder),
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Option<Lease>> {
        let patience = Patience::new(wait, on_wait, is_interrupted);
        let lease = Lease::acquire_or_result(&self.backend, self.thread_locks, id, patience)?;
        Ok(lease.map(|lease| if self.is_trusted() { lease.of_trusted_store() } else { lease }))
    }

    /// Begins to write the payload of the leased artifact. `suffix` is that of its file, such as `.npy`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidName`] for a suffix that can't be part of a file name, [`ErrorKind::Busy`] when the lease is
    /// not one of this store, [`ErrorKind::LeaseLost`] when it is lost, [`ErrorKind::Denied`] where this account may not write
    /// to the store.
    pub fn stage(&self, lease: &Lease, suffix: &str, settings: &Settings) -> Result<Staging> {
        check_suffix(suffix)?;
        let identity = lease.check_quickly(&self.backend)?;
        let file = format!("{}{suffix}", lease.id());
        let stage = self.backend.stage(lease.id().stem(), &file, settings.durability)?;
        Ok(Staging::new(lease.id(), identity, file, stage, settings.durability))
    }

    /// Commits a staged payload, replacing the artifact where there is one: whatever happens meanwhile, either the old
    /// or the new one loads. On return the artifact is as durable as its staging was asked to be.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidPayload`] when what was staged is not one file or one folder, or was staged for another
    /// artifact or in another store; [`ErrorKind::LeaseLost`] when the lease is lost, or another published meanwhile: then nothing
    /// was changed; [`ErrorKind::Busy`] when the lease is not one of this store; and the errors of writing.
    pub fn publish(&self, lease: &Lease, staging: Staging, draft: Draft) -> Result<Manifest> {
        let (id, identity) = (lease.id(), lease.check(&*self.backend)?);
        if !staging.is_of(id, identity) {
            let message = "the payload was staged for another artifact or in another store";
            return Err(Error::new(ErrorKind::InvalidPayload, message));
        }
        let commit_id = machine::unique_text();
        let lost_or = |error| self.lost_or(lease, &commit_id, error);
        let Staged { file, content, stage, durability } = staging.finish().map_err(lost_or)?;
        let signing_key = draft.signing_key.clone().or_else(|| self.handling.keys.to_sign());
        let replaced = self.to_be_replaced(lease, signing_key.as_ref())?;
        let params = draft.params_for_people.clone();
        let mut manifest = draft.into_manifest(id, commit_id.clone(), file, content);
        let provenance = &mut manifest.provenance;
        provenance.program = provenance.program.take().or_else(machine::program);
        provenance.host = provenance.host.take().or_else(|| Some(machine::host().to_owned()));
        let signing_key = signing_key.as_ref();
        let (stem, params, original) = (id.stem(), &*params, None);
        let publication = Publication { stem, params, manifest, signing_key, durability, replaced, original };
        let committed = stage.publish(publication).map_err(lost_or)?;
        lease.note(Some(committed.found));
        Ok(committed.manifest)
    }

    /// Says that the lease was lost, where that is why publishing failed: whoever has it now sweeps what others staged.
    fn lost_or(&self, lease: &Lease, commit_id: &str, error: Error) -> Error {
        let Seen::Manifest(seen) = lease.seen() else { return error };
        match self.backend.find(lease.id().stem(), Look::UnderLease) {
            Ok(Some(now))
                if error.kind() == ErrorKind::Unavailable
                    && seen.is_none_or(|seen| seen.bytes != now.bytes)
                    && Manifest::parse(&now.bytes).is_ok_and(|manifest| manifest.commit_id != commit_id) =>
            {
                lost(lease.id().stem()).caused_by(error)
            }
            _ => error,
        }
    }

    /// Returns what is to be replaced. A manifest that is damaged is put aside.
    fn to_be_replaced(&self, lease: &Lease, signing_key: Option<&SigningKey>) -> Result<Option<Replaced>> {
        let found = match lease.seen() {
            Seen::Manifest(found) => Ok(found),
            Seen::Failure => self.backend.find(lease.id().stem(), Look::UnderLease),
        };
        let read = |found: Found| {
            let (manifest, _) = read_manifest(self.location(), lease.id(), &found.bytes)?;
            Ok(Replaced::new(found, manifest, signing_key))
        };
        match found.and_then(|found| found.map(read).transpose()) {
            Err(error) if error.kind() == ErrorKind::Damaged => {
                self.check_unchanged(lease)?;
                self.backend.remove(lease.id().stem(), Removal::Damaged(&error.to_string()))?;
                lease.note(None);
                Ok(None)
            }
            Err(error) if error.kind() == ErrorKind::NotFetched => {
                // Links whose content was not fetched. Whoever generates anew replaces them.
                self.backend.remove(lease.id().stem(), Removal::Unwanted)?;
                lease.note(None);
                Ok(None)
            }
            other => other,
        }
    }

    /// Fails where another manifest is there than the one that was seen under the lease: it must not be put aside for the other.
    fn check_unchanged(&self, lease: &Lease) -> Result<()> {
        let Seen::Manifest(seen) = lease.seen() else { return Ok(()) };
        let now = self.backend.find(lease.id().stem(), Look::UnderLease)?;
        if now.map(|found| found.bytes) == seen.map(|found| found.bytes) {
            return Ok(());
        }
        Err(lost(lease.id().stem()))
    }

    /// Changes what the manifest of a leased artifact says of it. The payload stays as it is.
    ///
    /// The manifest becomes this account's own. So it vouches for no payload that the one before did not vouch for: if it was
    /// signed, it is signed again with the same key, and if it was not, it is not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when there is no artifact, its manifest is not what was committed, or replacing it was
    /// interrupted; [`ErrorKind::Denied`] when it is signed with a key that is not among these; [`ErrorKind::LeaseLost`] as
    /// [`publish`](Self::publish); [`ErrorKind::Busy`] when the lease is not one of this store; and the errors of writing.
    pub fn amend(
        &self,
        lease: &Lease,
        keys: &Keys,
        settings: &Settings,
        change: impl FnOnce(&mut Manifest),
    ) -> Result<Manifest> {
        lease.check(&*self.backend)?;
        let id = lease.id();
        let Some(found) = self.backend.find(id.stem(), Look::UnderLease)? else {
            return Err(Error::new(ErrorKind::Damaged, format!("{id} is not persisted any more")));
        };
        let (mut manifest, _) = read_manifest(self.location(), id, &found.bytes)?;
        if !manifest.alternatives.is_empty() {
            let message = format!("{id} names two payloads, since replacing one was interrupted: generate it anew");
            return Err(Error::new(ErrorKind::Damaged, message));
        }
        if matches!(lease.seen(), Seen::Manifest(Some(seen)) if seen.bytes != found.bytes) {
            return Err(lost(id.stem()));
        }
        let signer = signer_of(&found.bytes, id, &self.keys(keys))?;
        change(&mut manifest);
        manifest.commit_id = machine::unique_text();
        if !found.is_own() {
            manifest.payload.written = None;
        }
        let sealed = manifest.seal(signer.as_ref())?;
        let amended = self.backend.amend(id.stem(), &found, &sealed, settings.durability)?;
        lease.note(Some(amended.ok_or_else(|| lost(id.stem()))?));
        Ok(manifest)
    }
}

/// Returns the key with which a manifest was signed, if it was. Fails where that is none of these: without its signature, others
/// would not trust it any more, and the signature of another key would have others trust it who did not before.
fn signer_of(bytes: &[u8], id: &ArtifactId, keys: &Keys) -> Result<Option<SigningKey>> {
    if !has_signature(bytes) {
        return Ok(None);
    }
    let signer = keys.signer_of(bytes);
    if signer.is_none() {
        let message = format!(
            "{id} is signed, and what its manifest says can be changed only with the signing key that signed it"
        );
        let advice = "Let the account do it that persisted it, or call generate() to replace it";
        return Err(Error::new(ErrorKind::Denied, message).advise(advice));
    }
    Ok(signer)
}
