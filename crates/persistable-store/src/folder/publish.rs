//! Committing an artifact to a folder.
//!
//! Every step leaves a state in which the old artifact (or nothing) or the new one loads:
//!
//! 1. the payload is complete and synced in staging;
//! 2. replacing only: a manifest that names both payloads takes the old one's place, and the folder is synced;
//! 3. the payload moves into place; replacing only: the folder is synced;
//! 4. the manifest moves into place: the commit;
//! 5. the folder is synced.
//!
//! The syncs between are what keeps a power cut from losing an earlier move and not a later one. A first publishing goes
//! without: a manifest whose payload is not there is damage that nobody was told to rely on.

use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::Path;

use super::Folder;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::manifest::{Manifest, PayloadRecord};
use crate::name::ArtifactId;
use crate::os;
use crate::settings::Durability;
use crate::signature::SigningKey;
use crate::staging::{StagingArea, remove_any};
use crate::trust;

impl Folder {
    pub(crate) fn publish(
        &self,
        id: &ArtifactId,
        payload: &Path,
        staging: &StagingArea,
        papers: Papers<'_>,
        durability: Durability,
    ) -> Result<Manifest> {
        let Papers { params, mut manifest, signing_key } = papers;
        let publication = Publication { folder: self, id, staging, signing_key, durability };
        let params_path = staging.params();
        publication.write(&params_path, params.as_bytes())?;
        #[cfg(persistable_sabotage)]
        if crate::sabotage::is("manifest-first") {
            publication.commit(&manifest, signing_key)?;
        }
        #[cfg(persistable_sabotage)]
        if crate::sabotage::is("in-place") {
            let target = self.root().join(&manifest.payload.file);
            crate::sabotage::write_over(payload, &target).context("write", &target)?;
            publication.commit(&manifest, signing_key)?;
            publication.sync_folder()?;
            return Ok(manifest);
        }
        match self.replaced(id, signing_key)? {
            None => self.move_in(payload, &self.root().join(&manifest.payload.file), id)?,
            Some(old) => publication.replace_payload(payload, &mut manifest, old)?,
        }
        let replaced = std::mem::take(&mut manifest.alternatives);
        self.move_in(&params_path, &self.root().join(id.params_file()), id)?;
        publication.commit(&manifest, signing_key)?;
        publication.sync_folder()?;
        for record in replaced.iter().filter(|record| record.file != manifest.payload.file) {
            // Nothing names it any more: left behind, it takes up room and does no harm.
            let _ = remove_any(&self.root().join(&record.file));
        }
        Ok(manifest)
    }

    /// Returns what is to be replaced. A manifest that is damaged is put aside.
    fn replaced(&self, id: &ArtifactId, signing_key: Option<&SigningKey>) -> Result<Option<Replaced>> {
        let replaced = |(bytes, metadata): (Vec<u8>, Metadata)| {
            let (manifest, _) = Manifest::unseal(&bytes, id, Some(self.root()))?;
            let mut records = manifest.into_payloads();
            if !trust::is_own(&metadata) {
                records.iter_mut().for_each(|record| record.written = None);
            }
            Ok(Replaced { records, is_signed: trust::is_signed(&bytes, signing_key) })
        };
        let found = self.manifest_and_metadata(id).and_then(|found| found.map(replaced).transpose());
        match found {
            Err(error) if error.kind() == ErrorKind::Damaged => {
                self.quarantine(id, &error.to_string())?;
                Ok(None)
            }
            other => other,
        }
    }

    /// Moves a file or folder to where no manifest names one. Something may be there: without a manifest it is nobody's.
    fn move_in(&self, staged: &Path, target: &Path, id: &ArtifactId) -> Result<()> {
        match fs::rename(staged, target) {
            Err(error) if is_in_the_way(&error) => {
                self.put_aside(id, &[target.to_owned()], "it was in the way of an artifact, and no manifest named it")?;
                rename(staged, target)
            }
            renamed => renamed.context("move a file to", target),
        }
    }
}

/// What is published along with a payload.
pub(crate) struct Papers<'a> {
    /// The params for people.
    pub params: &'a str,
    pub manifest: Manifest,
    pub signing_key: Option<&'a SigningKey>,
}

/// What is there before it is replaced.
///
/// A manifest that names what it replaces is this account's own file. It must not vouch for payloads of others: their
/// records lose what would make them pass for one's own, and none is signed that was not signed before.
struct Replaced {
    /// The payloads that may be there.
    records: Vec<PayloadRecord>,
    /// Whether they were signed with the key of this publishing.
    is_signed: bool,
}

/// One publishing, up to its end.
pub(super) struct Publication<'a> {
    pub(super) folder: &'a Folder,
    pub(super) id: &'a ArtifactId,
    pub(super) staging: &'a StagingArea,
    pub(super) signing_key: Option<&'a SigningKey>,
    pub(super) durability: Durability,
}

impl Publication<'_> {
    /// Replaces the payload of `old`; on return `manifest.alternatives` are what it replaced.
    fn replace_payload(&self, payload: &Path, manifest: &mut Manifest, old: Replaced) -> Result<()> {
        let signing_key = self.signing_key.filter(|_| old.is_signed);
        manifest.alternatives = old.records;
        self.commit(manifest, signing_key)?;
        self.sync_folder()?;
        let target = self.folder.root().join(&manifest.payload.file);
        match self.swap_in(payload, &target) {
            Err(error) if cannot_exchange(&error) => {
                // Without an exchange a folder can't be replaced in one step. So it gets another name.
                manifest.payload.file = self.free_name(&manifest.payload.file)?;
                self.commit(manifest, signing_key)?;
                self.sync_folder()?;
                rename(payload, &self.folder.root().join(&manifest.payload.file))?;
            }
            swapped => swapped.context("move the payload to", &target)?,
        }
        // What was replaced may be in staging now. A power cut can put it back as long as that is not synced.
        self.sync_folder().inspect_err(|_| self.staging.leave())
    }

    fn swap_in(&self, payload: &Path, target: &Path) -> io::Result<()> {
        let is_folder = |path: &Path| fs::symlink_metadata(path).map(|metadata| metadata.is_dir());
        match is_folder(target) {
            Ok(false) if !is_folder(payload)? => fs::rename(payload, target),
            // What was there is in staging after this, and is removed with it.
            Ok(_) => os::exchange(payload, target),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(payload, target),
            Err(error) => Err(error),
        }
    }

    fn free_name(&self, file: &str) -> Result<String> {
        let stem = self.id.stem();
        let suffix = file.strip_prefix(stem).unwrap_or(".payload");
        (2..1000_u32)
            .map(|number| format!("{stem}~{number}{suffix}"))
            .find(|name| fs::symlink_metadata(self.folder.root().join(name)).is_err())
            .ok_or_else(|| Error::new(ErrorKind::Full, format!("{file} was left behind 1,000 times: remove some")))
    }

    /// Puts a manifest in its place.
    pub(super) fn commit(&self, manifest: &Manifest, signing_key: Option<&SigningKey>) -> Result<()> {
        let staged = self.staging.manifest();
        self.write(&staged, &manifest.seal(signing_key)?)?;
        rename(&staged, &self.folder.root().join(self.id.manifest_file()))
    }

    pub(super) fn sync_folder(&self) -> Result<()> {
        let root = self.folder.root();
        #[cfg(persistable_sabotage)]
        if crate::sabotage::is("no-folder-sync") {
            return Ok(());
        }
        match self.durability {
            Durability::Synced => os::sync_folder(root).context("sync", root),
            Durability::Fast => Ok(()),
        }
    }

    /// Writes a file in staging, as durably as asked for.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let mut file = os::create_own(path).context("create", path)?;
        file.write_all(bytes).context("write", path)?;
        if self.durability == Durability::Synced {
            file.sync_data().context("sync", path)?;
        }
        Ok(())
    }
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).context("move a file to", to)
}

/// Whether a move failed because there is a folder where a file is to go, or something else than an empty folder where a
/// folder is to go.
fn is_in_the_way(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, IsADirectory, NotADirectory};
    matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | IsADirectory | NotADirectory)
}

/// Whether two names could not be exchanged because the file system can't do that: at all, or as overlayfs with a folder of
/// a lower layer.
fn cannot_exchange(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, InvalidInput, Unsupported};
    matches!(error.kind(), InvalidInput | Unsupported | CrossesDevices)
}
