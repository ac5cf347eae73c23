//! One persisted result, found.

use std::borrow::Cow;
use std::sync::Arc;

use persistable_base::fork::Shared;

use crate::backend::{Backend, Found, Location, Look};
use crate::error::{Error, ErrorKind, Result};
use crate::format::name::manifest_file;
use crate::format::signature::has_signature;
use crate::format::{ArtifactId, Digest, Manifest, PayloadRecord, seal};
use crate::keys::Keys;
use crate::medium::System;
use crate::on_disk::links::or_not_fetched;
use crate::parsed;
use crate::payload::{NamedBy, PayloadRequest, StoredPayload};
use crate::settings::{Settings, Verification};
use crate::trust::{Author, Guard, Trust, Vouched};

/// An artifact as its manifest was when it was looked up.
#[derive(Debug)]
pub struct Artifact {
    id: ArtifactId,
    backend: Arc<dyn Backend>,
    manifest: Arc<Manifest>,
    seal: Digest,
    /// What the store tells this version of the manifest from others by.
    tag: Option<Arc<Shared<String>>>,
    /// Where the payload may hold code.
    guard: Option<Guard>,
    /// Where the manifest names several payloads: the one that was handed out last.
    chosen: Shared<Option<PayloadRecord>>,
}

impl Artifact {
    /// Looks an artifact up.
    pub(crate) fn find(id: &ArtifactId, backend: &Arc<dyn Backend>, trust: Trust, keys: &Keys) -> Result<Option<Self>> {
        let look = match trust {
            Trust::Own => Look::AtAuthor,
            Trust::Anyone => Look::AtBytes,
        };
        let Some(found) = backend.find(id.stem(), look)? else { return Ok(None) };
        Self::new(id, backend, &found, trust, keys).map(Some)
    }

    /// Reads the manifest that was found.
    pub(crate) fn new(
        id: &ArtifactId,
        backend: &Arc<dyn Backend>,
        found: &Found,
        trust: Trust,
        keys: &Keys,
    ) -> Result<Self> {
        let (manifest, seal) = match parsed::of(id, &found.bytes) {
            Some(known) => known,
            None => parsed::note(id, &found.bytes, read_manifest(backend.location(), id, &found.bytes)?),
        };
        let guard = match trust {
            Trust::Anyone => None,
            Trust::Own => {
                let unknown = Author::Foreign("nothing tells who wrote it".to_owned());
                let author = found.author.as_ref().unwrap_or(&unknown);
                let location = backend.location().join(&manifest_file(id.stem()));
                Some(Guard::of_manifest(location, author, vouched(backend, &found.bytes, keys))?)
            }
        };
        Ok(Self::of_read(id.clone(), backend, manifest, seal, found, guard))
    }

    /// Reads a manifest that was found in a list. It is kept out of what the process remembers, since it may be one of a million.
    pub(crate) fn listed(stem: &str, backend: &Arc<dyn Backend>, found: &Found) -> Result<Self> {
        let (manifest, seal) = Manifest::unseal(&found.bytes)?;
        let id = manifest.id()?;
        if id.stem() != stem {
            return Err(manifest.is_of_another());
        }
        Ok(Self::of_read(id, backend, Arc::new(manifest), seal, found, None))
    }

    fn of_read(
        id: ArtifactId,
        backend: &Arc<dyn Backend>,
        manifest: Arc<Manifest>,
        seal: Digest,
        found: &Found,
        guard: Option<Guard>,
    ) -> Self {
        let tag = found.tag.clone().map(|tag| Arc::new(Shared::new(tag)));
        Self { id, backend: Arc::clone(backend), manifest, seal, tag, guard, chosen: Shared::new(None) }
    }

    /// Returns the manifest, and gives up the rest.
    #[must_use]
    pub fn into_manifest(self) -> Manifest {
        Arc::unwrap_or_clone(self.manifest)
    }

    /// Returns the manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether a holder of one of these keys signed or countersigned it as it was when it was looked up.
    pub(crate) fn is_vouched_for(&self, keys: &Keys) -> Result<bool> {
        let found = self.backend.find(self.id.stem(), Look::AtBytes)?;
        let found = found.filter(|found| seal::of(&found.bytes) == Some(self.seal));
        let Some(found) = found else { return Ok(false) };
        Ok(vouched(&self.backend, &found.bytes, keys)()? == Vouched::Accepted)
    }

    /// Returns what it is found by.
    #[must_use]
    pub fn id(&self) -> &ArtifactId {
        &self.id
    }

    pub(crate) fn seal(&self) -> Digest {
        self.seal
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
        let tag = self.tag.as_ref().map(|tag| tag.with(|tag| tag.clone()));
        match self.backend.find(self.id.stem(), Look::Again(tag.as_deref())) {
            Ok(Some(found)) if seal::of(&found.bytes) == Some(self.seal) => {}
            Ok(_) => return Ok(true),
            Err(error) if error.kind() == ErrorKind::Damaged => return Ok(true),
            Err(error) => return Err(error),
        }
        // Under a manifest that names several payloads one of them gives way to another, once.
        let Some(chosen) = self.chosen.with(|chosen| chosen.clone()) else { return Ok(false) };
        match self.look_at(&chosen) {
            Ok(()) => Ok(false),
            Err(error) if is_of_another(&error) => Ok(true),
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
            return self.open(&self.manifest.payload, settings.verification, self.guard.clone());
        }
        // A replacement was interrupted, or is under way: either payload may be there, and its digest tells which. One
        // that moves in between two looks is found by the second round.
        self.chosen.with(|chosen| *chosen = None);
        let mut problem = None;
        for record in self.manifest.payloads().chain(self.manifest.payloads()) {
            match self.look_at(record) {
                Ok(()) => {
                    self.chosen.with(|chosen| *chosen = Some(record.clone()));
                    return self.open(record, settings.verification, self.guard.clone());
                }
                Err(error) if is_of_another(&error) => problem = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(problem.unwrap_or_else(|| Error::new(ErrorKind::Damaged, "the manifest names no payload")))
    }

    fn open(&self, record: &PayloadRecord, verification: Verification, guard: Option<Guard>) -> Result<StoredPayload> {
        let named_by = NamedBy { id: self.id.clone(), seal: self.seal, tag: self.tag.clone() };
        let request = PayloadRequest::new(record.clone(), verification, guard, named_by);
        let payload = self.backend.payload(&request)?;
        Ok(StoredPayload::new(request, payload))
    }

    /// Opens a payload only to see whether it is there: none of its code is run for that. Where two payloads have the same bytes,
    /// the guard tells whose file it is.
    fn look_at(&self, record: &PayloadRecord) -> Result<()> {
        self.open(record, Verification::Always, None)?.path()?;
        match &self.guard {
            Some(guard) => self.open(record, Verification::Never, Some(guard.clone()))?.path().map(drop),
            None => Ok(()),
        }
    }
}

/// Returns what finds out who vouches for a sealed manifest: who signed it, or countersigned it.
fn vouched(
    backend: &Arc<dyn Backend>,
    manifest: &[u8],
    keys: &Keys,
) -> impl Fn() -> Result<Vouched> + Send + Sync + use<> {
    let (backend, manifest, keys) = (Arc::clone(backend), manifest.to_vec(), keys.clone());
    move || {
        if keys.signer_of(&manifest).is_some() {
            return Ok(Vouched::Accepted);
        }
        for expected in keys.countersignatures(&manifest) {
            if backend.kept(expected.name, &|record| expected.is_in(record))?.is_some() {
                return Ok(Vouched::Accepted);
            }
        }
        Ok(if has_signature(&manifest) { Vouched::Other } else { Vouched::Unsigned })
    }
}

/// Whether an error says that not the payload that a record tells of is there, but perhaps another one.
fn is_of_another(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Untrusted)
}

/// Reads a manifest that has to be the one of an artifact; returns its seal too.
pub(crate) fn read_manifest(location: &Location, id: &ArtifactId, bytes: &[u8]) -> Result<(Manifest, Digest)> {
    let read = Manifest::unseal(bytes).and_then(|(manifest, seal)| {
        manifest.check_belongs_to(id)?;
        Ok((manifest, seal))
    });
    read.map_err(|error| or_not_fetched(&System, error.at(location.join(&manifest_file(id.stem())))))
}
