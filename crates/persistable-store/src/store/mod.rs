//! The store: one surface over all kinds.

mod artifacts;
mod attempts;
mod browsing;
mod companions;
mod glance;
mod handling;
mod labelling;
mod many;
mod meant;
mod opening;
mod options;
mod removing;
mod signing;
mod size;
mod url;
mod writing;

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

pub use artifacts::{Artifacts, Listed};
pub use options::StoreOptions;
pub use size::size_of;
pub use url::{is_url, path_in_url};

use persistable_base::fork::Once;

use crate::artifact::Artifact;
use crate::backend::{Backend, GroupSync, GroupSyncs, Identity, Location};
use crate::error::Result;
use crate::format::{ArtifactId, Digest};
use crate::keys::Keys;
use crate::location::StoreId;
use crate::thread_locks::ThreadLocks;
use crate::trust::Trust;
use handling::Handling;

/// A place where artifacts are stored. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    thread_locks: &'static ThreadLocks,
    /// Once it was asked for.
    identity: Arc<Once<Identity>>,
    handling: Handling,
    /// The stores of which this one consists, if it has layers.
    layers: Arc<[Self]>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("backend", &self.backend)
            .field("handling", &self.handling)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Returns the folder's path, if the store is a folder.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.backend.location().path()
    }

    /// Returns where the store is, for people.
    #[must_use]
    pub fn location(&self) -> &Location {
        self.backend.location()
    }

    /// Returns who has the leases. Layers have the identity of the last one. So this is right for what belongs to a lease, and for what
    /// is kept in the last layer only: commits, texts beside artifacts. What depends on the artifacts that are found goes by the
    /// [id](Self::id).
    ///
    /// If the store can't be reached yet, its location tells.
    #[doc(hidden)]
    #[must_use]
    pub fn identity(&self) -> Identity {
        if let Some(identity) = self.identity.get() {
            return *identity;
        }
        match self.backend.identity() {
            Ok(identity) => *self.identity.get_or_make(|| identity),
            Err(_) => {
                let mut hasher = DefaultHasher::new();
                self.backend.location().hash(&mut hasher);
                Identity::new("location", [hasher.finish(), 0])
            }
        }
    }

    /// Returns which store this is. It tells layers from the last one of them. What is found in one of the two may not be in the other.
    #[doc(hidden)]
    #[must_use]
    pub fn id(&self) -> StoreId {
        let above = self.layers.split_last().map_or(&[][..], |(_, above)| above);
        StoreId::new(self.identity(), above.iter().map(Self::identity))
    }

    fn new(backend: Arc<dyn Backend>, thread_locks: &'static ThreadLocks) -> Self {
        Self {
            backend,
            thread_locks,
            identity: Arc::new(Once::new()),
            handling: Handling::default(),
            layers: Arc::new([]),
        }
    }

    pub(crate) fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Returns the stores of which this one consists: itself, if it has no layers.
    pub(crate) fn parts(&self) -> &[Self] {
        if self.layers.is_empty() { std::slice::from_ref(self) } else { &self.layers }
    }

    pub(crate) fn thread_locks(&self) -> &'static ThreadLocks {
        self.thread_locks
    }

    fn with_handling(self, handling: Handling) -> Self {
        Self { handling, ..self }
    }

    /// Returns whether this is a clone of another value, and so the same store.
    #[doc(hidden)]
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.backend, &other.backend)
    }

    /// Returns whether the store was opened as [trusted](StoreOptions::trusted).
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.handling.is_trusted
    }

    /// Returns the folder for the logs of the store's steps: the store itself, or a folder in the one that
    /// [`StoreOptions::logs`] names.
    #[doc(hidden)]
    #[must_use]
    pub fn log_folder(&self) -> Option<&Path> {
        self.path().or_else(|| self.handling.logs())
    }

    /// Returns the keys of a step and of the store.
    pub(crate) fn keys<'a>(&self, keys: &'a Keys) -> Cow<'a, Keys> {
        if self.handling.keys.is_empty() {
            Cow::Borrowed(keys)
        } else {
            Cow::Owned(keys.clone().or(&self.handling.keys))
        }
    }

    /// Returns whom to trust, where the step says `trust`.
    fn trust(&self, trust: Trust) -> Trust {
        if self.is_trusted() { Trust::Anyone } else { trust }
    }

    /// Looks up an artifact; `None` if there is none. It takes no lease and waits for nobody.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) if the manifest is not what was committed or belongs to
    /// another key, and the errors of reading.
    pub fn find(&self, id: &ArtifactId) -> Result<Option<Artifact>> {
        Artifact::find(id, &self.backend, Trust::Anyone, &Keys::none())
    }

    /// [Looks up](Self::find) an artifact whose payload may contain code that runs on loading. The payload is returned
    /// only if it is trusted: your own, or signed with one of the keys. Artifacts in memory are your own. In a store that was
    /// opened as [trusted](StoreOptions::trusted), every artifact is trusted.
    ///
    /// # Errors
    ///
    /// Those of [`find`](Self::find), and [`ErrorKind::Untrusted`](crate::ErrorKind::Untrusted), which reading the payload may
    /// give as well.
    pub fn find_trusted(&self, id: &ArtifactId, trust: Trust, keys: &Keys) -> Result<Option<Artifact>> {
        Artifact::find(id, &self.backend, self.trust(trust), &self.keys(keys))
    }

    /// Returns whether each look takes a request to a server.
    #[doc(hidden)]
    #[must_use]
    pub fn takes_requests(&self) -> bool {
        self.backend.facts().looks_at_once > 1
    }

    /// Returns whether no other process can see what is written here, as in memory.
    #[must_use]
    pub fn is_of_this_process(&self) -> bool {
        self.backend.facts().is_of_this_process
    }

    /// Returns what makes durable together what is written from now on with [`Durability::Fast`](crate::Durability::Fast);
    /// `None` where the store can't do that, or need not.
    ///
    /// # Errors
    ///
    /// Those of looking at the store.
    #[doc(hidden)]
    pub fn group_sync(&self) -> Result<Option<Box<dyn GroupSync>>> {
        self.backend.group_syncs().map_or(Ok(None), GroupSyncs::begin)
    }

    /// Makes these artifacts durable, if others wrote them together with more, and may not have made them durable yet.
    ///
    /// # Errors
    ///
    /// Those of writing to the disk.
    #[doc(hidden)]
    pub fn sync_what_is_left(&self, seen: &[&ArtifactId]) -> Result<()> {
        self.backend.group_syncs().map_or(Ok(()), |syncs| syncs.sync_what_is_left(seen))
    }

    /// Keeps a record: a text that many artifacts share. Returns its digest, by which manifests refer to it. If the
    /// record can't be written, that is no error, since no artifact needs it.
    pub fn keep_record(&self, record: &[u8]) -> Digest {
        let digest = Digest::of(record);
        if let Err(error) = self.backend.keep(digest, record) {
            let store = self.location();
            tracing::debug!(target: "persistable", %store, "could not keep a record: {error}");
        }
        digest
    }

    /// Returns a record that was [kept](Self::keep_record); `None` if it is lost or has changed.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn record(&self, digest: Digest) -> Result<Option<Vec<u8>>> {
        self.backend.kept(digest, &|bytes| Digest::of(bytes) == digest)
    }
}
