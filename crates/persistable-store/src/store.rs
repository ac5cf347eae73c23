//! The store: one surface over the places where artifacts can live.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Wait;
use crate::artifact::Artifact;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::folder::amend::check_signature;
use crate::folder::{Folder, Papers};
use crate::lease::{Hold, Holder, Lease, Patience};
use crate::manifest::{Draft, Manifest, PayloadRecord};
use crate::memory::Memory;
use crate::name::{ArtifactId, check_suffix};
use crate::payload::{PayloadPlace, StoredPayload};
use crate::place::Place;
use crate::settings::{Settings, Verification};
use crate::signature::SigningKey;
use crate::staging::{Staged, StagedPlace, Staging};
use crate::trust::{Guard, Trust, is_signed};

/// A place where artifacts live. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Store(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Folder(Folder),
    Memory(Memory),
}

impl Store {
    /// Opens a folder as a store, creating it with its parents where it is missing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Denied`] and [`ErrorKind::Unavailable`] when the folder can't be created.
    pub fn folder(path: impl Into<PathBuf>) -> Result<Self> {
        Folder::open(path.into()).map(|folder| Self(Arc::new(Kind::Folder(folder))))
    }

    /// Creates a store in memory, which ends with its last clone.
    #[must_use]
    pub fn memory() -> Self {
        Self(Arc::new(Kind::Memory(Memory::new())))
    }

    /// Returns the folder's path, where the store is a folder.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &*self.0 {
            Kind::Folder(folder) => Some(folder.root()),
            Kind::Memory(_) => None,
        }
    }

    /// Looks an artifact up; `None` where there is none. Takes no lease and waits for nobody.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when there is a manifest that is not what was committed or belongs to another key, and the
    /// errors of reading.
    pub fn find(&self, id: &ArtifactId) -> Result<Option<Artifact>> {
        let Some(bytes) = self.manifest_bytes(id)? else { return Ok(None) };
        self.found(id, &bytes).map(Some)
    }

    /// [Looks up](Self::find) an artifact whose payload may hold code that runs when it is loaded. Its payload is handed out
    /// only where it is to be trusted: where it is one's own, or was signed with the key. What is in memory is one's own.
    ///
    /// # Errors
    ///
    /// Those of [`find`](Self::find), and [`ErrorKind::Untrusted`], which reading the payload may give as well.
    pub fn find_trusted(
        &self,
        id: &ArtifactId,
        trust: Trust,
        signing_key: Option<&SigningKey>,
    ) -> Result<Option<Artifact>> {
        let (Trust::Own, Kind::Folder(folder)) = (trust, &*self.0) else { return self.find(id) };
        let Some((bytes, metadata)) = folder.manifest_and_metadata(id)? else { return Ok(None) };
        let artifact = self.found(id, &bytes)?;
        let guard = Guard::of_manifest(&folder.manifest_path(id), &bytes, &metadata, signing_key)?;
        Ok(Some(artifact.guarded(guard)))
    }

    fn found(&self, id: &ArtifactId, manifest: &[u8]) -> Result<Artifact> {
        let (manifest, seal) = Manifest::unseal(manifest, id, self.path())?;
        Ok(Artifact::new(id.clone(), self.clone(), manifest, seal))
    }

    /// Claims to be the one that generates an artifact, waiting for other holders as long as allowed. After a second
    /// of waiting `on_wait` is told, once, for whom.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Busy`] when the wait was too long, or this very thread has the lease; [`ErrorKind::Denied`] in a
    /// store that can't be written to.
    pub fn lease(&self, id: &ArtifactId, wait: Wait, on_wait: &mut dyn FnMut(&Holder)) -> Result<Lease> {
        self.lease_interruptibly(id, wait, on_wait, &|| false)
    }

    /// [Claims](Self::lease) to be the one that generates an artifact, and asks at least every 50 ms of waiting whether to
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
        let patience = Patience::new(wait, on_wait, is_interrupted);
        let hold = match &*self.0 {
            Kind::Folder(folder) => folder.lease(id.stem(), patience),
            Kind::Memory(memory) => Hold::acquire(memory.place(), id.stem(), None, patience),
        };
        Ok(Lease::new(id.clone(), self.path(), hold?))
    }

    /// Begins to write the payload of the leased artifact. `suffix` is that of its file, such as `.npy`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidName`] for a suffix that can't be part of a file name, [`ErrorKind::Busy`] when the lease is
    /// not one of this store, [`ErrorKind::Denied`] where this account may not write to its folder.
    pub fn stage(&self, lease: &Lease, suffix: &str, settings: &Settings) -> Result<Staging> {
        check_suffix(suffix)?;
        let (id, place) = self.leased(lease)?;
        #[cfg(persistable_sabotage)]
        let settings = &match crate::sabotage::is("no-sync") {
            true => Settings { durability: crate::settings::Durability::Fast, ..*settings },
            false => *settings,
        };
        match &*self.0 {
            Kind::Folder(folder) => {
                let area = folder.staging_area(id.stem())?;
                Ok(Staging::on_disk(id, place, suffix, area, settings.durability))
            }
            Kind::Memory(_) => Ok(Staging::in_memory(id, place, suffix)),
        }
    }

    /// Commits a staged payload, replacing the artifact where there is one: whatever happens meanwhile, either the old
    /// or the new one loads. On return the artifact is as durable as its staging was asked to be.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidPayload`] when what was staged is not one file or one folder, or was staged for another
    /// artifact or in another store; [`ErrorKind::Busy`] when the lease is not one of this store; and the errors of
    /// writing.
    pub fn publish(&self, lease: &Lease, staging: Staging, draft: Draft) -> Result<Manifest> {
        let (id, store) = self.leased(lease)?;
        if !staging.is_of(id, store) {
            return Err(staged_elsewhere());
        }
        let Staged { file, content, written, durability, place } = staging.finish()?;
        let (params, signing_key) = (draft.params_for_people.clone(), draft.signing_key.clone());
        let manifest = draft.into_manifest(id, file, content, written);
        match (&*self.0, place) {
            (Kind::Folder(root), StagedPlace::OnDisk { path, area }) => {
                let papers = Papers { params: &params, manifest, signing_key: signing_key.as_ref() };
                root.publish(id, &path, &area, papers, durability)
            }
            (Kind::Memory(memory), StagedPlace::InMemory(files)) => {
                memory.publish(id, files, manifest.seal(signing_key.as_ref())?);
                Ok(manifest)
            }
            _ => Err(staged_elsewhere()),
        }
    }

    /// Changes what the manifest of a leased artifact says of it. The payload stays as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when there is no artifact, its manifest is not what was committed, or replacing it was
    /// interrupted; [`ErrorKind::Denied`] when it is signed with another key; [`ErrorKind::Busy`] when the lease is not one of
    /// this store; and the errors of writing.
    pub fn amend(
        &self,
        lease: &Lease,
        signing_key: Option<&SigningKey>,
        settings: &Settings,
        change: impl FnOnce(&mut Manifest),
    ) -> Result<Manifest> {
        let (id, _) = self.leased(lease)?;
        match &*self.0 {
            Kind::Folder(folder) => folder.amend(id, change, signing_key, settings.durability),
            Kind::Memory(memory) => {
                let Some(bytes) = self.manifest_bytes(id)? else {
                    return Err(Error::new(ErrorKind::Damaged, format!("{id} is not persisted any more")));
                };
                let (mut manifest, _) = Manifest::unseal(&bytes, id, None)?;
                check_signature(&bytes, id, signing_key)?;
                change(&mut manifest);
                manifest.renew_commit();
                let signing_key = signing_key.filter(|key| is_signed(&bytes, Some(key)));
                memory.amend(id, manifest.seal(signing_key)?);
                Ok(manifest)
            }
        }
    }

    /// Keeps a record that manifests refer to by the digest that is returned: a text that many artifacts share. What can't
    /// be kept is left out, since no artifact needs it.
    pub fn keep_record(&self, record: &[u8]) -> Digest {
        let digest = Digest::of(record);
        match &*self.0 {
            Kind::Folder(folder) => folder.keep_record(digest, record),
            Kind::Memory(memory) => memory.keep_record(digest, record),
        }
        digest
    }

    /// Returns a record that was [kept](Self::keep_record); `None` where it is lost or is not what was kept.
    #[must_use]
    pub fn record(&self, digest: Digest) -> Option<Vec<u8>> {
        let bytes = match &*self.0 {
            Kind::Folder(folder) => folder.record(digest),
            Kind::Memory(memory) => memory.record(digest),
        };
        bytes.filter(|bytes| Digest::of(bytes) == digest)
    }

    /// Returns an artifact's manifest by a quick look, which may be that of a moment ago; `None` where there is none, or one that
    /// is not whole.
    #[must_use]
    pub fn glance(&self, id: &ArtifactId) -> Option<Arc<Manifest>> {
        match &*self.0 {
            Kind::Folder(folder) => folder.glance(id),
            Kind::Memory(memory) => {
                Manifest::unseal(&memory.get(id)?.manifest, id, None).ok().map(|(manifest, _)| Arc::new(manifest))
            }
        }
    }

    /// Returns the digest of an artifact's payload, by a [glance](Self::glance); `None` also where it is being replaced.
    #[must_use]
    pub fn payload_digest(&self, id: &ArtifactId) -> Option<Digest> {
        self.glance(id)?.sole_payload_digest()
    }

    /// Returns a number that tells stores apart in this process: folders by their path.
    #[doc(hidden)]
    #[must_use]
    pub fn identity(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match &*self.0 {
            Kind::Folder(folder) => folder.root().as_os_str().hash(&mut hasher),
            Kind::Memory(memory) => memory.place().hash(&mut hasher),
        }
        hasher.finish()
    }

    fn place(&self) -> Result<Place> {
        match &*self.0 {
            Kind::Folder(folder) => folder.place(),
            Kind::Memory(memory) => Ok(memory.place()),
        }
    }

    /// Puts a damaged artifact aside, with the reason, so that it is not met again. Another holder may have healed it
    /// before this lease was got: look it up once more, and only then put it aside.
    ///
    /// # Errors
    ///
    /// The errors of moving its files, and [`ErrorKind::Busy`] when the lease is not one of this store.
    pub fn quarantine(&self, lease: &Lease, reason: &str) -> Result<()> {
        let (id, _) = self.leased(lease)?;
        match &*self.0 {
            Kind::Folder(folder) => folder.quarantine(id, reason),
            Kind::Memory(memory) => {
                memory.remove(id);
                Ok(())
            }
        }
    }

    /// Removes an artifact; returns whether there was one.
    ///
    /// # Errors
    ///
    /// The errors of removing its files, and [`ErrorKind::Busy`] when the lease is not one of this store.
    pub fn remove(&self, lease: &Lease) -> Result<bool> {
        let (id, _) = self.leased(lease)?;
        match &*self.0 {
            Kind::Folder(folder) => folder.remove(id),
            Kind::Memory(memory) => Ok(memory.remove(id)),
        }
    }

    pub(crate) fn manifest_bytes(&self, id: &ArtifactId) -> Result<Option<Vec<u8>>> {
        match &*self.0 {
            Kind::Folder(folder) => folder.manifest_bytes(id),
            Kind::Memory(memory) => Ok(memory.get(id).map(|artifact| artifact.manifest.to_vec())),
        }
    }

    pub(crate) fn open_payload(
        &self,
        id: &ArtifactId,
        record: &PayloadRecord,
        verification: Verification,
        guard: Option<Guard>,
    ) -> StoredPayload {
        #[cfg(persistable_sabotage)]
        let verification = if crate::sabotage::is("no-digest") { Verification::Never } else { verification };
        let place = match &*self.0 {
            Kind::Folder(folder) => PayloadPlace::Folder { path: folder.root().join(&record.file) },
            Kind::Memory(memory) => {
                PayloadPlace::Memory { files: memory.get(id).map(|artifact| artifact.files).unwrap_or_default() }
            }
        };
        StoredPayload::new(record.clone(), place, verification, guard)
    }

    /// Returns what a lease of this store is for.
    fn leased<'a>(&self, lease: &'a Lease) -> Result<(&'a ArtifactId, Place)> {
        let place = self.place()?;
        if lease.place() == Some(place) {
            return Ok((lease.id(), place));
        }
        if let Some(folder) = self.path().filter(|folder| lease.place().is_some() && lease.folder() == Some(folder)) {
            let message = "another folder has taken the place of the one in which the lease was taken";
            return Err(Error::at(ErrorKind::Unavailable, folder, message));
        }
        let message =
            format!("the lease of {} is one of another store, or of the process that forked this one", lease.id());
        Err(Error::new(ErrorKind::Busy, message))
    }
}

fn staged_elsewhere() -> Error {
    Error::new(ErrorKind::InvalidPayload, "the payload was staged for another artifact or in another store")
}

impl From<&Store> for Store {
    fn from(store: &Store) -> Self {
        store.clone()
    }
}

/// Paths become stores as [`Store::folder`] opens them.
macro_rules! from_path {
    ($($path:ty),*) => {$(
        impl TryFrom<$path> for Store {
            type Error = Error;

            fn try_from(path: $path) -> Result<Self> {
                Self::folder(path)
            }
        }
    )*};
}

from_path!(&str, String, &String, &Path, PathBuf, &PathBuf);
