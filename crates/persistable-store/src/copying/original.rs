//! An artifact as its store has it.

use std::path::PathBuf;

use crate::artifact::Artifact;
use crate::backend::{Found, Look};
use crate::error::{ErrorKind, Result};
use crate::format::{ArtifactId, Manifest};
use crate::keys::Keys;
use crate::payload::{PayloadBytes, StoredPayload};
use crate::settings::{Durability, Settings, Verification};
use crate::store::Store;
use crate::trust::{Author, Trust};

/// Bytes are compared with their digest as they are written.
const UNVERIFIED: Settings = Settings { durability: Durability::Synced, verification: Verification::Never };

/// An artifact that is to be copied.
pub(super) struct Original {
    /// The manifest as the store has it.
    pub(super) sealed: Vec<u8>,
    /// What it says of the payload that is there.
    pub(super) manifest: Manifest,
    /// Who can have written manifest and payload.
    pub(super) author: Author,
    pub(super) payload: OpenedPayload,
    artifact: Artifact,
}

/// A payload that was opened.
pub(super) struct OpenedPayload {
    pub(super) form: Form,
    /// While this is there, so is a copy that was made to be read by its path.
    stored: StoredPayload,
}

pub(super) enum Form {
    File(PayloadBytes),
    Folder(PathBuf),
}

impl Original {
    /// Looks an artifact up, and opens its payload.
    pub(super) fn open(from: &Store, id: &ArtifactId) -> Result<Option<Self>> {
        let backend = from.backend();
        let Some(found) = backend.find(id.stem(), Look::AtAuthor)? else { return Ok(None) };
        let artifact = Artifact::new(id, backend, &found, Trust::Anyone, &Keys::none())?;
        let opened = match Self::open_own(from, id, &found) {
            Ok(payload) => Ok((Author::Own, payload)),
            Err(error) if error.kind() == ErrorKind::Untrusted => {
                let author = Author::Foreign("it is a copy of an artifact of somebody else".to_owned());
                OpenedPayload::open(&artifact).map(|payload| (author, payload))
            }
            Err(error) => Err(error),
        };
        let (author, payload) = opened?;
        let present = artifact.manifest().of_payload(payload.stored.record()).into_owned();
        let manifest = Manifest { payload: payload.stored.record().clone(), ..present };
        Ok(Some(Self { sealed: found.bytes, manifest, author, payload, artifact }))
    }

    /// Opens the payload if it is this account's own. No key is named here, so signatures do not count.
    fn open_own(from: &Store, id: &ArtifactId, found: &Found) -> Result<OpenedPayload> {
        OpenedPayload::open(&Artifact::new(id, from.backend(), found, Trust::Own, &Keys::none())?)
    }

    /// Whether a holder of one of these keys signed it.
    pub(super) fn is_vouched_for(&self, keys: &Keys) -> Result<bool> {
        self.artifact.is_vouched_for(keys)
    }

    /// Whether it may have been replaced since.
    pub(super) fn may_have_changed(&self) -> Result<bool> {
        self.artifact.may_have_changed()
    }
}

impl OpenedPayload {
    fn open(artifact: &Artifact) -> Result<Self> {
        let mut stored = artifact.payload(&UNVERIFIED)?;
        let form = match stored.record().files {
            None => Form::File(stored.bytes()?),
            Some(_) => Form::Folder(stored.path()?.to_owned()),
        };
        Ok(Self { form, stored })
    }
}
