//! One persisted result, found.

use std::borrow::Cow;

use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::fork::Shared;
use crate::manifest::{Manifest, PayloadRecord, seal_of};
use crate::name::ArtifactId;
use crate::payload::StoredPayload;
use crate::settings::{Settings, Verification};
use crate::store::Store;
use crate::trust::Guard;

/// An artifact as its manifest was when it was looked up.
#[derive(Debug)]
pub struct Artifact {
    id: ArtifactId,
    store: Store,
    manifest: Manifest,
    seal: Digest,
    /// Where the payload may hold code.
    guard: Option<Guard>,
    /// Where the manifest names several payloads: the one that was handed out last.
    chosen: Shared<Option<PayloadRecord>>,
}

impl Artifact {
    pub(crate) fn new(id: ArtifactId, store: Store, manifest: Manifest, seal: Digest) -> Self {
        Self { id, store, manifest, seal, guard: None, chosen: Shared::new(None) }
    }

    /// The same, whose payload is handed out only with care.
    pub(crate) fn guarded(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Returns the manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns what the manifest says of the payload that is there. That differs from the [manifest](Self::manifest) only where
    /// that names several payloads, since a replacement is under way or was interrupted.
    ///
    /// # Errors
    ///
    /// Those of [`payload`](Self::payload).
    pub fn present(&self, settings: &Settings) -> Result<Cow<'_, Manifest>> {
        if self.manifest.alternatives.is_empty() {
            return Ok(Cow::Borrowed(&self.manifest));
        }
        let stored = self.payload(settings)?;
        Ok(self.manifest.of_payload(stored.record()))
    }

    /// Returns whether the payload may be another one by now. A reader that found it not to match the manifest, or that
    /// read it by its path, has to ask, and to look it up again: an artifact that was replaced in between is no damage.
    ///
    /// The answer `false` is sure: a replacement changes the manifest before it touches the payload, and no two commits
    /// share a manifest or its seal.
    ///
    /// # Errors
    ///
    /// The errors of reading the manifest.
    pub fn may_have_changed(&self) -> Result<bool> {
        match self.store.manifest_bytes(&self.id) {
            Ok(Some(bytes)) if seal_of(&bytes) == Some(self.seal) => {}
            Ok(_) => return Ok(true),
            Err(error) if error.kind() == ErrorKind::Damaged => return Ok(true),
            Err(error) => return Err(error),
        }
        // Under a manifest that names several payloads one of them gives way to another, once.
        let Some(chosen) = self.chosen.with(|chosen| chosen.clone()) else { return Ok(false) };
        match self.look_at(&chosen).path() {
            Ok(_) => Ok(false),
            Err(error) if error.kind() == ErrorKind::Damaged => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Returns the payload, to be read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when an interrupted replacement left neither payload whole.
    pub fn payload(&self, settings: &Settings) -> Result<StoredPayload> {
        if self.manifest.alternatives.is_empty() {
            return Ok(self.open(&self.manifest.payload, settings.verification));
        }
        // A replacement was interrupted, or is under way: either payload may be there, and its digest tells which. One
        // that moves in between two looks is found by the second round.
        self.chosen.with(|chosen| *chosen = None);
        let mut damage = None;
        let records = || std::iter::once(&self.manifest.payload).chain(&self.manifest.alternatives);
        for record in records().chain(records()) {
            match self.look_at(record).path() {
                Ok(_) => {
                    self.chosen.with(|chosen| *chosen = Some(record.clone()));
                    return Ok(self.open(record, settings.verification));
                }
                Err(error) if error.kind() == ErrorKind::Damaged => damage = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(damage.unwrap_or_else(|| Error::new(ErrorKind::Damaged, "the manifest names no payload")))
    }

    fn open(&self, record: &PayloadRecord, verification: Verification) -> StoredPayload {
        self.store.open_payload(&self.id, record, verification, self.guard)
    }

    /// Opens a payload only to see whether it is there: none of its code is run for that.
    fn look_at(&self, record: &PayloadRecord) -> StoredPayload {
        self.store.open_payload(&self.id, record, Verification::Always, None)
    }
}
