//! Payloads of artifacts in layers.

use std::path::PathBuf;
use std::sync::Arc;

use persistable_base::fork::Shared;

use super::Layers;
use super::tags::parts_of;
use crate::backend::Removal;
use crate::error::{Error, ErrorKind, Result};
use crate::format::seal;
use crate::found::Look;
use crate::location::Location;
use crate::payload::{Payload, PayloadBytes, PayloadRequest, PrivateBytes};
use crate::trust::Author;

/// A payload in one of the layers. If it can't be read there, it is read in a layer below that has the very same manifest.
#[derive(Debug)]
pub(super) struct LayeredPayload {
    layers: Arc<Layers>,
    layer: usize,
    payload: Box<dyn Payload>,
}

impl LayeredPayload {
    pub(super) fn open(layers: &Arc<Layers>, request: &PayloadRequest) -> Result<Self> {
        let found = match parts_of(request.named_by.tag().as_deref()) {
            Some((layer, _)) => layer,
            None => layers.first_with(request)?,
        };
        let is_copied = found > 0 && is_worth_copying(request);
        let copied = if is_copied { layers.copy_up(&request.named_by.id, found) } else { found };
        let layer = if copied == found || layers.has(copied, request)? { copied } else { found };
        let payload = layers.open(layer, request)?;
        if layer != found {
            note(request, layer);
        }
        Ok(Self { layers: Arc::clone(layers), layer, payload })
    }

    /// Reads the payload in a layer below, where it could not be read in this one.
    fn read_below<T>(
        &self,
        request: &PayloadRequest,
        error: Error,
        mut read: impl FnMut(Box<dyn Payload>) -> Result<T>,
    ) -> Result<(usize, T)> {
        if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::InvalidPayload) {
            return Err(error);
        }
        let (stem, mut problem) = (request.named_by.id.stem(), error);
        let is_damaged = problem.kind() == ErrorKind::Damaged;
        let damage = problem.to_string();
        let mut is_below = false;
        for layer in self.layer + 1..=self.layers.last_index() {
            let backend = self.layers.layer(layer).backend();
            let found = match backend.find(stem, Look::AtAuthor) {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                // What can't be reached may be whole.
                Err(error) if error.kind() != ErrorKind::Damaged && is_damaged => {
                    return Err(self.layers.of_last(error));
                }
                Err(_) => continue,
            };
            is_below = true;
            if seal::of(&found.bytes) != Some(request.named_by.seal) {
                continue;
            }
            let author = found.author.unwrap_or_else(|| Author::Foreign("nothing tells who wrote it".to_owned()));
            let admitted = request
                .guard
                .as_ref()
                .map_or(Ok(()), |guard| guard.admit(backend.location().join(&request.record.file), &author).map(drop));
            match admitted.and_then(|()| self.layers.open(layer, request)).and_then(&mut read) {
                Ok(read) => {
                    note(request, layer);
                    if is_damaged {
                        let is_aside = self.put_aside(request);
                        self.warn(request, &damage, is_aside);
                        // Whoever uses that layer alone must not generate it again.
                        if is_worth_copying(request) {
                            self.layers.copy_up(&request.named_by.id, layer);
                        }
                    }
                    return Ok((layer, read));
                }
                Err(error) => problem = error,
            }
        }
        if is_damaged && is_below {
            self.put_aside(request); // So that the next look finds what is below.
        }
        Err(problem)
    }

    /// Tells of a damaged copy: the disk of that layer may be failing.
    fn warn(&self, request: &PayloadRequest, damage: &str, is_aside: bool) {
        let (layer, step) = (self.layers.layer(self.layer).location(), request.named_by.id.stem());
        let done = if is_aside { "It was put aside" } else { "It could not be put aside" };
        tracing::warn!(
            target: "persistable",
            %layer,
            step,
            "the copy of {step} in the layer {layer} is damaged: {damage}. {done}. The payload was read from a layer below"
        );
    }

    /// Puts a damaged copy aside, if it is still the one that was read. In a layer that can't be written to, it is passed over.
    /// Returns whether it is gone.
    fn put_aside(&self, request: &PayloadRequest) -> bool {
        let (stem, seal) = (request.named_by.id.stem(), request.named_by.seal);
        let Some(layer) = self.layers.above.get(self.layer) else { return false };
        layer.ignore(seal);
        let backend = layer.store.backend();
        let removed = layer.under_lease(stem, || match backend.find(stem, Look::AtBytes)? {
            Some(found) if seal::of(&found.bytes) == Some(seal) => {
                let reason = "its payload is damaged, and a layer below has the artifact";
                backend.remove(stem, Removal::Damaged(reason)).map(drop)
            }
            _ => Ok(()),
        });
        match &removed {
            Ok(()) => layer.unignore(seal),
            Err(error) => layer.complain("a damaged copy can't be put aside", error),
        }
        removed.is_ok()
    }
}

impl Layers {
    /// Whether a layer has the very manifest that a payload is asked for by.
    fn has(&self, layer: usize, request: &PayloadRequest) -> Result<bool> {
        let found = self.layer(layer).backend().find(request.named_by.id.stem(), Look::AtBytes)?;
        Ok(found.is_some_and(|found| seal::of(&found.bytes) == Some(request.named_by.seal)))
    }

    fn first_with(&self, request: &PayloadRequest) -> Result<usize> {
        for layer in 0..self.last_index() {
            if self.has(layer, request)? {
                return Ok(layer);
            }
        }
        Ok(self.last_index())
    }

    /// Opens a payload in a layer, which may consist of layers itself.
    fn open(&self, layer: usize, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        let mut request = request.clone();
        request.named_by.tag = match parts_of(request.named_by.tag().as_deref()) {
            Some((found, tag)) if found == layer => tag.map(|tag| Arc::new(Shared::new(tag.to_owned()))),
            _ => None,
        };
        self.layer(layer).backend().payload(&request)
    }
}

/// Notes in which layer a payload is read: there, its manifest tells later whether it has been replaced.
fn note(request: &PayloadRequest, layer: usize) {
    if let Some(tag) = &request.named_by.tag {
        tag.with(|tag| *tag = layer.to_string());
    }
}

/// Whether a copy could be used: that of a payload that may run code, only if somebody vouches for it wherever it lies.
fn is_worth_copying(request: &PayloadRequest) -> bool {
    let copy = Author::Foreign("it is a copy".to_owned());
    request.guard.as_ref().is_none_or(|guard| guard.admit(Location::Name("a copy".to_owned()), &copy).is_ok())
}

impl Payload for LayeredPayload {
    fn bytes(&self, request: &PayloadRequest, mapped: bool) -> Result<PayloadBytes> {
        self.payload.bytes(request, mapped).or_else(|error| {
            self.read_below(request, error, |payload| payload.bytes(request, mapped)).map(|(_, bytes)| bytes)
        })
    }

    fn private_bytes(&self, request: &PayloadRequest) -> Result<PrivateBytes> {
        self.payload.private_bytes(request).or_else(|error| {
            self.read_below(request, error, |payload| payload.private_bytes(request)).map(|(_, bytes)| bytes)
        })
    }

    fn path(&mut self, request: &PayloadRequest) -> Result<PathBuf> {
        let error = match self.payload.path(request) {
            Ok(path) => return Ok(path),
            Err(error) => error,
        };
        let (layer, (payload, path)) = self.read_below(request, error, |mut payload| {
            let path = payload.path(request)?;
            Ok((payload, path))
        })?;
        (self.layer, self.payload) = (layer, payload);
        Ok(path)
    }

    fn may_path_change(&self) -> bool {
        self.payload.may_path_change()
    }

    fn check_is_folder(&self) -> Result<()> {
        self.payload.check_is_folder()
    }

    fn find_damage(&self, request: &PayloadRequest) -> Result<()> {
        self.payload
            .find_damage(request)
            .or_else(|error| self.read_below(request, error, |payload| payload.find_damage(request)).map(drop))
    }
}
