//! The kind of store that keeps objects.

use std::sync::Arc;

use persistable_objects::Objects;

use super::base::{Base, found, look};
use super::remote_store::RemoteStore;
use super::root::Root;
use super::settings::RemoteSettings;
use super::{commit, lease, listing, payload, records, remove, stage};
use crate::backend::{
    Backend, Browse, Companions, Facts, Found, Identity, LeaseAnswer, Location, Look, Payload, PayloadRequest, Removal,
    Stage, Wanted,
};
use crate::error::Result;
use crate::format::Digest;
use crate::settings::Durability;

/// So many manifests are asked for at the same time.
const LOOKS: usize = 32;

/// A store of objects. What is in it may have been written by anybody who can write there. Clones are the same
/// store.
#[derive(Clone, Debug)]
pub struct Remote(Arc<RemoteStore>);

impl Remote {
    /// Makes a store of objects. No request is sent.
    #[must_use]
    pub fn new(objects: Arc<dyn Objects>, settings: RemoteSettings) -> Self {
        Self(Arc::new(RemoteStore::new(Root::new(objects, settings))))
    }

    /// Renews all leases of this process, as the thread does from time to time.
    ///
    /// # Errors
    ///
    /// Those of writing.
    #[doc(hidden)]
    pub fn renew(&self) -> Result<()> {
        self.0.own_leases().iter().try_for_each(|lease| lease.renew())
    }
}

impl Backend for Remote {
    fn identity(&self) -> Result<Identity> {
        Ok(self.0.root.identity)
    }

    fn location(&self) -> &Location {
        &self.0.root.location
    }

    /// Anybody who can write to the store may have written what is in it.
    fn facts(&self) -> Facts {
        Facts { knows_own: false, looks_at_once: LOOKS, ..Facts::default() }
    }

    fn find(&self, stem: &str, _look: Look<'_>) -> Result<Option<Found>> {
        find(&self.0, stem)
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        Ok(payload::open(&self.0.root, request))
    }

    fn try_lease(&self, _identity: Identity, stem: &str, wanted: Wanted) -> Result<LeaseAnswer> {
        lease::try_lease(&self.0, stem, wanted)
    }

    fn stage(&self, stem: &str, file: &str, _durability: Durability) -> Result<Box<dyn Stage>> {
        self.0.root.check_writable()?;
        Ok(Box::new(stage::RemoteStage::new(&self.0, stem, file)))
    }

    fn amend(&self, stem: &str, old: &Found, sealed: &[u8], _durability: Durability) -> Result<Option<Found>> {
        self.0.root.check_writable()?;
        commit::commit(&self.0, stem, Some(old), sealed)
    }

    fn remove(&self, stem: &str, removal: Removal<'_>) -> Result<bool> {
        self.0.root.check_writable()?;
        remove::remove(&self.0, stem, removal)
    }

    fn list(&self, after: Option<&str>) -> Result<Vec<String>> {
        listing::list(&self.0.root, after)
    }

    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        records::keep(&self.0.root, digest, record)
    }

    fn kept(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        Ok(records::kept(&self.0.root, digest)?.filter(|record| is_it(record)))
    }

    fn companions(&self) -> Option<&dyn Companions> {
        Some(&*self.0.root)
    }

    fn browse(&self) -> Option<&dyn Browse> {
        Some(&*self.0.root)
    }
}

/// Looks at the manifest of an artifact.
fn find(store: &RemoteStore, stem: &str) -> Result<Option<Found>> {
    let base = look(&store.root, stem)?;
    if let Some(lease) = store.own_lease(stem) {
        lease.note_found(&base);
    }
    Ok(match base {
        Base::Manifest(version, bytes) => Some(found(bytes, version.as_str())),
        Base::Nothing | Base::Tombstone(_) => None,
    })
}
