//! Payloads whose files are in memory, or are fetched into it whole.

use std::path::PathBuf;
use std::sync::Arc;

use super::bytes::{PayloadBytes, PrivateBytes};
use super::request::{Payload, PayloadRequest};
use crate::error::{Error, Result};
use crate::files::Files;
use crate::format::Digest;
use crate::location::Location;
use crate::medium::System;
use crate::scratch::Scratch;
use crate::settings::Verification;
use crate::tree::content_of;

/// A payload in memory.
#[derive(Debug)]
pub struct InMemory {
    location: Location,
    files: Files,
    /// A verified copy on disk.
    copy: Option<(PathBuf, Scratch)>,
}

impl InMemory {
    /// Hands out files, of which nobody can change any; none where the payload is missing. They count as this account's own.
    #[must_use]
    pub fn new(location: Location, files: Option<Files>) -> Self {
        Self { location, files: files.unwrap_or_default(), copy: None }
    }

    fn shared_bytes(&self, request: &PayloadRequest) -> Result<Arc<[u8]>> {
        let bytes = self.files.get("").ok_or_else(|| Error::damaged(&self.location, "it is missing"))?;
        request.check_size(&self.location, bytes.len() as u64)?;
        if request.verification.resolve(true) == Verification::Always {
            request.check_digest(&self.location, Digest::of(bytes))?;
        }
        Ok(Arc::clone(bytes))
    }

    fn verified_copy(&self, request: &PayloadRequest) -> Result<(PathBuf, Scratch)> {
        let scratch = Scratch::new()?;
        let path = scratch.path().join(&request.record.file);
        self.files.unpack(&path)?;
        request.check_digest(&self.location, content_of(&System, &path)?.digest)?;
        Ok((path, scratch))
    }
}

impl Payload for InMemory {
    fn bytes(&self, request: &PayloadRequest, _mapped: bool) -> Result<PayloadBytes> {
        self.shared_bytes(request).map(PayloadBytes::Shared)
    }

    fn private_bytes(&self, request: &PayloadRequest) -> Result<PrivateBytes> {
        self.shared_bytes(request).map(|bytes| PrivateBytes::Owned(bytes.to_vec()))
    }

    fn path(&mut self, request: &PayloadRequest) -> Result<PathBuf> {
        let copy = match self.copy.take() {
            Some(copy) => copy,
            None => self.verified_copy(request)?,
        };
        Ok(self.copy.insert(copy).0.clone())
    }

    fn may_path_change(&self) -> bool {
        false
    }

    fn find_damage(&self, request: &PayloadRequest) -> Result<()> {
        self.verified_copy(request).map(drop)
    }
}
