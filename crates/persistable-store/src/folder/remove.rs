//! Putting damaged artifacts aside, and removing artifacts.

use std::io;
use std::path::{Path, PathBuf};

use persistable_base::clock;

use super::find::manifest_bytes;
use super::root::{Root, unique_name};
use crate::error::{Context, Error, Result};
use crate::format::Manifest;
use crate::format::name::owns_payload_file;
use crate::medium::{Access, Medium};
use crate::on_disk::disk::{remove_any, write_new};
use crate::on_disk::links::{is_managed, or_not_fetched};
use crate::on_disk::verified::Verified;

/// Moves the files of an artifact to quarantine, the manifest first: from then on the artifact does not exist. Returns whether
/// there was a manifest.
pub(super) fn quarantine(root: &Root, stem: &str, reason: &str) -> Result<bool> {
    let files = files_of(root, stem)?;
    let was_there = files.first().is_some_and(|manifest| root.medium().metadata(manifest).is_ok());
    put_aside(root, stem, &files, reason).map(|()| was_there)
}

/// Moves files to quarantine, the manifest first. Links that a tool manages stay where they are: only there do they lead to
/// their content. If the manifest is one, nothing is moved.
pub(super) fn put_aside(root: &Root, stem: &str, files: &[PathBuf], reason: &str) -> Result<()> {
    let medium = root.medium();
    if let Some(manifest) = files.first().filter(|manifest| is_managed(medium, manifest)) {
        return Err(or_not_fetched(medium, Error::damaged(manifest, reason)));
    }
    let aside = root.own_folder("quarantine").join(unique_name(stem));
    root.create_own_folder(&aside).context("create the folder", &aside)?;
    let note = format!("{}\n{reason}\n", humantime::format_rfc3339_seconds(clock::now()));
    let note_path = aside.join("reason.txt");
    write_new(medium, &note_path, note.as_bytes()).context("write", &note_path)?;
    root.share(&note_path);
    for path in files.iter().filter(|path| !is_managed(medium, path)) {
        let Some(name) = path.file_name() else { continue };
        match move_any(medium, path, &aside.join(name)) {
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
pub(super) fn remove(root: &Root, stem: &str) -> Result<bool> {
    let files = files_of(root, stem)?;
    let mut existed = false;
    for (index, path) in files.iter().enumerate() {
        let removed = remove_any(root.medium(), path).context("remove", path)?;
        if index == 0 {
            existed = removed;
            // A power cut must not keep the manifest of a payload that is gone.
            root.sync()?;
        }
    }
    Verified::of(root, stem).forget();
    root.sync()?;
    Ok(existed)
}

/// Lists the paths where files of an artifact may be, the manifest first.
fn files_of(root: &Root, stem: &str) -> Result<Vec<PathBuf>> {
    let named = match manifest_bytes(root, stem) {
        Ok(Some(bytes)) => Manifest::parse(&bytes).ok().and_then(|manifest| payloads_of(&manifest, stem)),
        _ => None,
    };
    let payloads = match named {
        Some(files) => files,
        None => owned_files(root, stem)?,
    };
    let mut files = vec![root.manifest_path(stem)];
    files.extend(payloads.iter().map(|file| root.join(file)));
    files.push(root.params_path(stem));
    Ok(files)
}

/// Lists the files that a manifest names, if it is the one of this artifact.
fn payloads_of(manifest: &Manifest, stem: &str) -> Option<Vec<String>> {
    manifest.id().ok().filter(|id| id.stem() == stem)?;
    Some(manifest.payloads().map(|record| record.file.clone()).collect())
}

/// Moves a file or a folder; a folder file by file where it can't be moved in one step, as on overlayfs one of a lower
/// layer can't.
fn move_any(medium: &dyn Medium, from: &Path, to: &Path) -> io::Result<()> {
    match medium.rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            medium.create_folder(to, Access::Usual)?;
            for entry in medium.list(from)? {
                move_any(medium, &from.join(&entry.name), &to.join(&entry.name))?;
            }
            medium.remove_folder(from)
        }
        moved => moved,
    }
}

/// Lists the files that can only be payloads of an artifact, for one whose manifest can't tell.
fn owned_files(root: &Root, stem: &str) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in root.medium().entries(root.path()).context("list", root.path())? {
        let name = entry.context("list", root.path())?.name.into_string();
        files.extend(name.ok().filter(|name| owns_payload_file(stem, name)));
    }
    Ok(files)
}
