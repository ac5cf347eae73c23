//! Putting damaged artifacts aside, and removing artifacts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use persistable_base::clock;

use super::{Folder, unique_name};
use crate::error::{Context, Result};
use crate::manifest::Manifest;
use crate::name::ArtifactId;
use crate::os;
use crate::staging::remove_any;
use crate::verified::Verified;

impl Folder {
    /// Moves the files of an artifact to quarantine, the manifest first: from then on the artifact does not exist.
    pub(crate) fn quarantine(&self, id: &ArtifactId, reason: &str) -> Result<()> {
        let files = self.files_of(id)?;
        self.put_aside(id, &files, reason)
    }

    pub(super) fn put_aside(&self, id: &ArtifactId, files: &[PathBuf], reason: &str) -> Result<()> {
        let aside = self.own_folder("quarantine").join(unique_name(id.stem()));
        os::create_folder_below(self.root(), &aside).context("create the folder", &aside)?;
        let note = format!("{}\n{reason}\n", humantime::format_rfc3339_seconds(clock::now()));
        let note_path = aside.join("reason.txt");
        fs::write(&note_path, note).context("write", &note_path)?;
        for path in files {
            let Some(name) = path.file_name() else { continue };
            match move_any(path, &aside.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).context("move to quarantine", path);
                }
                _ => {}
            }
        }
        // Not synced: damage that a power cut brings back is met again.
        Ok(())
    }

    /// Removes an artifact, the manifest first; returns whether there was one.
    pub(crate) fn remove(&self, id: &ArtifactId) -> Result<bool> {
        let files = self.files_of(id)?;
        let mut existed = false;
        for (index, path) in files.iter().enumerate() {
            let removed = remove_any(path).context("remove", path)?;
            if index == 0 {
                existed = removed;
                // A power cut must not keep the manifest of a payload that is gone.
                os::sync_folder(self.root()).context("sync", self.root())?;
            }
        }
        Verified::of(self.root(), id.stem()).forget();
        os::sync_folder(self.root()).context("sync", self.root())?;
        Ok(existed)
    }

    /// Lists the paths where files of an artifact may be, the manifest first.
    fn files_of(&self, id: &ArtifactId) -> Result<Vec<PathBuf>> {
        let manifest_path = self.root().join(id.manifest_file());
        let manifest = match self.manifest_bytes(id) {
            Ok(Some(bytes)) => Manifest::unseal(&bytes, id, Some(self.root())).ok().map(|(manifest, _)| manifest),
            _ => None,
        };
        let payloads: Vec<String> = match manifest {
            Some(manifest) => {
                std::iter::once(manifest.payload).chain(manifest.alternatives).map(|record| record.file).collect()
            }
            None => owned_files(self.root(), id)?,
        };
        let mut files = vec![manifest_path];
        files.extend(payloads.iter().map(|file| self.root().join(file)));
        files.push(self.root().join(id.params_file()));
        Ok(files)
    }
}

/// Moves a file or a folder; a folder file by file where it can't be moved in one step, as on overlayfs one of a lower
/// layer can't.
fn move_any(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::create_dir(to)?;
            for entry in fs::read_dir(from)? {
                let entry = entry?;
                move_any(&entry.path(), &to.join(entry.file_name()))?;
            }
            fs::remove_dir(from)
        }
        moved => moved,
    }
}

/// Lists the files that can only be payloads of an artifact, for one whose manifest can't tell.
fn owned_files(root: &Path, id: &ArtifactId) -> Result<Vec<String>> {
    let mut owned = Vec::new();
    for entry in fs::read_dir(root).context("list", root)? {
        let name = entry.context("list", root)?.file_name();
        if let Some(name) = name.to_str().filter(|name| id.owns_payload_file(name)) {
            owned.push(name.to_owned());
        }
    }
    Ok(owned)
}
