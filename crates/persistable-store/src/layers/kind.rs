//! The kind of store.

use std::sync::Arc;

use super::Layers;
use super::hold::of_last;
use super::payload::LayeredPayload;
use super::stage::LayeredStage;
use crate::backend::{
    Attempt, Backend, Companion, Found, Identity, Location, Look, Payload, PayloadRequest, Removal, Stage, Surveyed,
};
use crate::error::Result;
use crate::format::{ArtifactId, Digest, Manifest};
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

    fn find(&self, stem: &str, look: Look) -> Result<Option<Found>> {
        self.0.find_first(stem, look)
    }

    fn looks_at_once(&self) -> usize {
        self.0.backends().map(|backend| backend.looks_at_once()).max().unwrap_or(1)
    }

    fn is_interrupted(&self) -> bool {
        self.0.backends().any(|backend| backend.is_interrupted())
    }

    fn find_again(&self, stem: &str, tag: Option<&str>) -> Result<Option<Found>> {
        self.0.find_where(stem, tag)
    }

    fn find_leased(&self, stem: &str, look: Look) -> Result<Option<Found>> {
        self.0.find_last(stem, look)
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        Ok(Box::new(LayeredPayload::open(&self.0, request)?))
    }

    fn try_lease(&self, identity: Identity, stem: &str) -> Result<Attempt> {
        let attempt = self.0.last.backend().try_lease(identity, stem);
        attempt.map(|attempt| of_last(self.0.last_index(), attempt)).map_err(|error| self.0.of_last(error))
    }

    fn try_lease_or_result(&self, identity: Identity, stem: &str, has_waited: bool) -> Result<Attempt> {
        let attempt = self.0.last.backend().try_lease_or_result(identity, stem, has_waited);
        attempt.map(|attempt| of_last(self.0.last_index(), attempt)).map_err(|error| self.0.of_last(error))
    }

    fn stage(&self, stem: &str, file: &str, durability: Durability) -> Result<Box<dyn Stage>> {
        Ok(Box::new(LayeredStage::new(&self.0, stem, file, durability)?))
    }

    fn takes_over(&self) -> bool {
        self.0.last.backend().takes_over()
    }

    /// What another process can't see in the last layer, it would generate again.
    fn is_of_this_process(&self) -> bool {
        self.0.last.backend().is_of_this_process()
    }

    fn knows_own(&self) -> bool {
        (0..=self.0.last_index()).all(|layer| self.0.layer(layer).backend().knows_own())
    }

    fn params(&self, stem: &str) -> Option<String> {
        self.0.backends().find_map(|backend| backend.params(stem))
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

    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        self.0.survey_all(tell)
    }

    fn stamp(&self) -> Option<Digest> {
        self.0.stamp_of_all()
    }

    /// What people say of an artifact is said in the last layer.
    fn companion(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
        self.0.last.backend().companion(stem, companion).map_err(|error| self.0.of_last(error))
    }

    fn set_companion(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
        self.0.last.backend().set_companion(stem, companion, text).map_err(|error| self.0.of_last(error))
    }

    fn companions(&self, companion: Companion) -> Result<Vec<String>> {
        self.0.last.backend().companions(companion).map_err(|error| self.0.of_last(error))
    }

    fn companions_stamp(&self, companion: Companion) -> Option<Digest> {
        self.0.last.backend().companions_stamp(companion)
    }

    /// Tries all layers: a record is found in any.
    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        let mut done = Ok(());
        for backend in self.0.backends() {
            done = done.and(backend.keep(digest, record));
        }
        done
    }

    fn kept(&self, digest: Digest) -> Result<Option<Vec<u8>>> {
        self.kept_if(digest, &|_| true)
    }

    /// What is wrong in one layer hides nothing in the next.
    fn kept_if(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        let mut left = Ok(None);
        for backend in self.0.backends() {
            match backend.kept_if(digest, is_it) {
                Ok(Some(record)) => return Ok(Some(record)),
                Ok(None) => {}
                Err(error) => left = Err(error),
            }
        }
        left
    }

    fn glance(&self, id: &ArtifactId) -> Option<Arc<Manifest>> {
        self.0.backends().find_map(|backend| backend.glance(id))
    }

    fn glance_all(&self, ids: &[&ArtifactId]) -> Vec<Option<Arc<Manifest>>> {
        let mut glanced = vec![None; ids.len()];
        for layer in 0..=self.0.last_index() {
            let missing: Vec<_> = ids.iter().zip(&mut glanced).filter(|(_, found)| found.is_none()).collect();
            if missing.is_empty() {
                break;
            }
            let asked: Vec<&ArtifactId> = missing.iter().map(|(id, _)| **id).collect();
            let found = self.0.layer(layer).backend().glance_all(&asked);
            for ((_, place), manifest) in missing.into_iter().zip(found) {
                *place = manifest;
            }
        }
        glanced
    }
}
