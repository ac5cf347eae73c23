//! The kind of store.

use std::sync::Arc;

use super::Layers;
use super::hold::of_last;
use super::payload::LayeredPayload;
use super::stage::LayeredStage;
use crate::backend::{
    Backend, Browse, Companions, Facts, Found, GroupSyncs, Identity, LeaseAnswer, Location, Look, Payload,
    PayloadRequest, Removal, Stage, Wanted,
};
use crate::error::Result;
use crate::format::Digest;
use crate::settings::Durability;

/// Several stores as one.
#[derive(Debug)]
pub(super) struct Layered(Arc<Layers>);

impl Layers {
    pub(super) fn shared(self) -> Layered {
        Layered(Arc::new(self))
    }
}

impl Backend for Layered {
    /// The leases are the last layer's, so whoever reaches that one by itself has to be told from nobody.
    fn identity(&self) -> Result<Identity> {
        self.0.last.backend().identity().map_err(|error| self.0.of_last(error))
    }

    fn location(&self) -> &Location {
        &self.0.location
    }

    /// What another process can't see in the last layer, it would generate again.
    fn facts(&self) -> Facts {
        let all = || self.0.backends().map(|backend| backend.facts());
        Facts {
            knows_own: all().all(|facts| facts.knows_own),
            looks_at_once: all().map(|facts| facts.looks_at_once).max().unwrap_or(1),
            ..self.0.last.backend().facts()
        }
    }

    fn find(&self, stem: &str, look: Look<'_>) -> Result<Option<Found>> {
        match look {
            Look::AtBytes | Look::AtAuthor => self.0.find_first(stem, look),
            Look::UnderLease => self.0.find_last(stem),
            Look::Again(tag) => self.0.find_where(stem, tag),
        }
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        Ok(Box::new(LayeredPayload::open(&self.0, request)?))
    }

    fn try_lease(&self, identity: Identity, stem: &str, wanted: Wanted) -> Result<LeaseAnswer> {
        let answer = self.0.last.backend().try_lease(identity, stem, wanted);
        answer.map(|answer| of_last(self.0.last_index(), answer)).map_err(|error| self.0.of_last(error))
    }

    fn stage(&self, stem: &str, file: &str, durability: Durability) -> Result<Box<dyn Stage>> {
        Ok(Box::new(LayeredStage::new(&self.0, stem, file, durability)?))
    }

    fn amend(&self, stem: &str, old: &Found, sealed: &[u8], durability: Durability) -> Result<Option<Found>> {
        self.0.amend_everywhere(stem, old, sealed, durability)
    }

    fn remove(&self, stem: &str, removal: Removal<'_>) -> Result<bool> {
        self.0.remove_everywhere(stem, removal)
    }

    fn list(&self, after: Option<&str>) -> Result<Vec<String>> {
        self.0.list_all(after)
    }

    /// Tries all layers: a record is found in any.
    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        let mut done = Ok(());
        for backend in self.0.backends() {
            done = done.and(backend.keep(digest, record));
        }
        done
    }

    /// What is wrong in one layer hides nothing in the next.
    fn kept(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        let mut left = Ok(None);
        for backend in self.0.backends() {
            match backend.kept(digest, is_it) {
                Ok(Some(record)) => return Ok(Some(record)),
                Ok(None) => {}
                Err(error) => left = Err(error),
            }
        }
        left
    }

    fn companions(&self) -> Option<&dyn Companions> {
        Some(&*self.0)
    }

    fn browse(&self) -> Option<&dyn Browse> {
        Some(&*self.0)
    }

    fn group_syncs(&self) -> Option<&dyn GroupSyncs> {
        Some(&*self.0)
    }
}
