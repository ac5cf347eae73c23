//! Changing what a manifest says, and not the payload.

use super::Folder;
use super::publish::Publication;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::manifest::Manifest;
use crate::name::ArtifactId;
use crate::os;
use crate::settings::Durability;
use crate::signature::SigningKey;
use crate::trust;

/// Fails where a manifest is signed with another key than this: without its signature, others would not trust it any more.
pub(crate) fn check_signature(bytes: &[u8], id: &ArtifactId, signing_key: Option<&SigningKey>) -> Result<()> {
    if !trust::has_signature(bytes) || trust::is_signed(bytes, signing_key) {
        return Ok(());
    }
    let message =
        format!("{id} is signed, and what its manifest says can be changed only with the signing key that signed it");
    Err(Error::new(ErrorKind::Denied, message))
}

fn interrupted(id: &ArtifactId) -> Error {
    let message = format!("{id} names two payloads, since replacing one was interrupted: generate it anew");
    Error::new(ErrorKind::Damaged, message)
}

impl Folder {
    /// Replaces a manifest by a changed one, in one step.
    ///
    /// It becomes this account's own file. So it must not vouch for a payload that the one before did not vouch for.
    pub(crate) fn amend(
        &self,
        id: &ArtifactId,
        change: impl FnOnce(&mut Manifest),
        signing_key: Option<&SigningKey>,
        durability: Durability,
    ) -> Result<Manifest> {
        let Some((bytes, metadata)) = self.manifest_and_metadata(id)? else {
            return Err(Error::new(ErrorKind::Damaged, format!("{id} is not persisted any more")));
        };
        let (mut manifest, _) = Manifest::unseal(&bytes, id, Some(self.root()))?;
        if !manifest.alternatives.is_empty() {
            return Err(interrupted(id));
        }
        check_signature(&bytes, id, signing_key)?;
        change(&mut manifest);
        manifest.renew_commit();
        if !trust::is_own(&metadata) {
            manifest.payload.written = None;
        }
        let signing_key = signing_key.filter(|key| trust::is_signed(&bytes, Some(key)));
        let staging = self.staging_area(id.stem())?;
        let publication = Publication { folder: self, id, staging: &staging, signing_key, durability };
        let folder = self.own_folder("staging");
        if !folder.is_dir() {
            os::create_folder_below(self.root(), &folder).context("create the folder", &folder)?;
        }
        publication.commit(&manifest, signing_key)?;
        publication.sync_folder()?;
        Ok(manifest)
    }
}
