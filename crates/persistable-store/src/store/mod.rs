//! The store: one surface over all kinds.

mod artifacts;
mod opening;
mod writing;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Arc, OnceLock};

pub use artifacts::{Artifacts, Listed};

use crate::artifact::Artifact;
use crate::backend::{Backend, Identity, Location};
use crate::claims::Claims;
use crate::error::Result;
use crate::format::{ArtifactId, Digest, Manifest, SigningKey};
use crate::trust::Trust;

/// A place where artifacts live. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Arc<dyn Backend>,
    claims: &'static Claims,
    /// Once it was asked for.
    identity: Arc<OnceLock<Identity>>,
}

impl Store {
    /// Returns the folder's path, where the store is a folder.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.backend.location().path()
    }

    /// Returns where the store is, for people.
    #[must_use]
    pub fn location(&self) -> &Location {
        self.backend.location()
    }

    /// Returns which store this is, however its location is written. If it can't be reached yet, its location tells.
    #[doc(hidden)]
    #[must_use]
    pub fn identity(&self) -> Identity {
        if let Some(identity) = self.identity.get() {
            return *identity;
        }
        match self.backend.identity() {
            Ok(identity) => *self.identity.get_or_init(|| identity),
            Err(_) => {
                let mut hasher = DefaultHasher::new();
                self.backend.location().hash(&mut hasher);
                Identity::new("location", [hasher.finish(), 0])
            }
        }
    }

    fn new(backend: Arc<dyn Backend>, claims: &'static Claims) -> Self {
        Self { backend, claims, identity: Arc::new(OnceLock::new()) }
    }

    /// Looks an artifact up; `None` where there is none. Takes no lease and waits for nobody.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) when there is a manifest that is not what was committed or belongs to
    /// another key, and the errors of reading.
    pub fn find(&self, id: &ArtifactId) -> Result<Option<Artifact>> {
        Artifact::find(id, &self.backend, Trust::Anyone, None)
    }

    /// [Looks up](Self::find) an artifact whose payload may hold code that runs when it is loaded. Its payload is handed out
    /// only where it is to be trusted: where it is one's own, or was signed with the key. What is in memory is one's own.
    ///
    /// # Errors
    ///
    /// Those of [`find`](Self::find), and [`ErrorKind::Untrusted`](crate::ErrorKind::Untrusted), which reading the payload may
    /// give as well.
    pub fn find_trusted(
        &self,
        id: &ArtifactId,
        trust: Trust,
        signing_key: Option<&SigningKey>,
    ) -> Result<Option<Artifact>> {
        Artifact::find(id, &self.backend, trust, signing_key)
    }

    /// Returns an artifact's manifest by a quick look, which may be that of a moment ago; `None` where there is none, or one that
    /// is not whole.
    #[must_use]
    pub fn glance(&self, id: &ArtifactId) -> Option<Arc<Manifest>> {
        self.backend.glance(id)
    }

    /// Returns the digest of an artifact's payload, by a [glance](Self::glance); `None` also where it is being replaced.
    #[must_use]
    pub fn payload_digest(&self, id: &ArtifactId) -> Option<Digest> {
        self.glance(id)?.sole_payload_digest()
    }

    /// Keeps a record that manifests refer to by the digest that is returned: a text that many artifacts share. What can't
    /// be kept is left out, since no artifact needs it.
    pub fn keep_record(&self, record: &[u8]) -> Digest {
        let digest = Digest::of(record);
        self.backend.keep(digest, record);
        digest
    }

    /// Returns a record that was [kept](Self::keep_record); `None` where it is lost or is not what was kept.
    #[must_use]
    pub fn record(&self, digest: Digest) -> Option<Vec<u8>> {
        self.backend.kept(digest).filter(|bytes| Digest::of(bytes) == digest)
    }
}
