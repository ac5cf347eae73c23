//! Replacing what a manifest says.

use super::root::{Root, unique_name};
use crate::error::{Context, Result};
use crate::found::Found;
use crate::on_disk::disk::write_new;
use crate::settings::Durability;
use crate::trust::Author;

/// Replaces a manifest. The payload stays.
pub(super) fn amend(root: &Root, stem: &str, sealed: &[u8], durability: Durability) -> Result<Option<Found>> {
    let medium = root.medium();
    let folder = root.staging();
    let staged = folder.join(unique_name(stem));
    let file = match write_new(medium, &staged, sealed) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            root.create_own_folder(folder).context("create the folder", folder)?;
            write_new(medium, &staged, sealed)
        }
        written => written,
    };
    let target = root.manifest_path(stem);
    let moved = file.context("write", &staged).and_then(|file| {
        if durability == Durability::Synced {
            medium.sync_file(&file).context("sync", &staged)?;
        }
        medium.rename(&staged, &target).context("move a file to", &target)
    });
    if moved.is_err() {
        let _ = medium.remove_file(&staged);
    }
    moved?;
    if durability == Durability::Synced {
        root.sync()?;
    }
    Ok(Some(Found::new(sealed.to_vec(), Some(Author::Own))))
}
