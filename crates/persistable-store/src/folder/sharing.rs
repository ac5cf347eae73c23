//! Who may use what the store keeps for itself: those who may use the data folder.
//!
//! The accounts of a group may share a data folder. Each of them locks, stages and cleans up in `.persistable`. So what is in there
//! follows the mode and the group of the data folder, whatever mask the process has that creates it.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::machine;
use crate::medium::Medium;
use crate::on_disk::disk::create_folder;

/// What the accounts that share a data folder may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sharing {
    mode: u32,
    group: u32,
}

impl Sharing {
    pub(super) fn of(data_folder: &Metadata) -> Self {
        Self { mode: data_folder.mode() & 0o7777, group: data_folder.gid() }
    }

    /// Whether other accounts than the owner may write to the data folder.
    pub(super) fn is_shared(self) -> bool {
        self.mode & 0o022 != 0
    }

    fn mode_for(self, metadata: &Metadata) -> u32 {
        if metadata.is_dir() { self.mode | 0o700 } else { self.mode & 0o666 | 0o600 }
    }

    /// Gives a file or a folder of this account the mode and group of the data folder, as far as that can be done.
    pub(super) fn apply(self, medium: &dyn Medium, path: &Path) {
        let Ok(metadata) = medium.metadata(path) else { return };
        self.apply_to(medium, path, &metadata);
    }

    fn apply_to(self, medium: &dyn Medium, path: &Path, metadata: &Metadata) {
        if metadata.is_symlink() || metadata.uid() != machine::user_id() {
            return;
        }
        let has_group = metadata.gid() == self.group || medium.set_group(path, self.group).is_ok();
        // What the data folder's group may do is not for another group.
        let mode = if has_group {
            self.mode_for(metadata)
        } else {
            self.mode_for(metadata) & !0o070 | metadata.mode() & 0o070
        };
        if metadata.mode() & 0o7777 != mode {
            let _ = medium.set_permissions(path, Permissions::from_mode(mode));
        }
    }

    /// Creates a folder, unless it is there already. If others share it, it has its mode when they see it first.
    pub(super) fn create_folder(self, medium: &dyn Medium, path: &Path) -> io::Result<()> {
        if !self.is_shared() {
            create_folder(medium, path)?;
            self.apply(medium, path);
            return Ok(());
        }
        if medium.metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            return Ok(());
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let staged = path.with_file_name(format!("{name}~{}", machine::unique_text()));
        create_folder(medium, &staged)?;
        self.apply(medium, &staged);
        match medium.rename_to_free(&staged, path) {
            Ok(()) => Ok(()),
            Err(error) => {
                let _ = medium.remove_folder(&staged);
                if error.kind() == io::ErrorKind::AlreadyExists {
                    return Ok(());
                }
                // The file system can't do that.
                create_folder(medium, path)?;
                self.apply(medium, path);
                Ok(())
            }
        }
    }

    /// Creates a folder below the data folder, with the parents that it lacks. It never creates the data folder itself: if that
    /// is gone, as on a share that was unmounted, nothing is to be written to its place.
    pub(super) fn create_folder_below(self, medium: &dyn Medium, root: &Path, folder: &Path) -> io::Result<()> {
        match (self.create_folder(medium, folder), folder.parent()) {
            (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound && parent != root => {
                self.create_folder_below(medium, root, parent)?;
                self.create_folder(medium, folder)
            }
            (created, _) => created,
        }
    }

    /// Creates the lock file, unless it is there already.
    pub(super) fn create_lock(self, medium: &dyn Medium, path: &Path) -> io::Result<()> {
        if !self.is_shared() || medium.metadata(path).is_ok() {
            return Ok(());
        }
        let staged = path.with_file_name(format!("lock~{}", machine::unique_text()));
        medium.create(&staged)?;
        self.apply(medium, &staged);
        let moved = medium.rename_to_free(&staged, path);
        if moved.is_err() {
            let _ = medium.remove_file(&staged);
        }
        Ok(()) // If it can't be created like this, it is created as any file.
    }
}

/// Gives a log file that this account has just created the mode and group of the folder that it is in, as far as that can be done.
#[doc(hidden)]
pub fn share_log(folder: &Path, file: &File) {
    let (Ok(folder), Ok(metadata)) = (folder.metadata(), file.metadata()) else { return };
    let sharing = Sharing::of(&folder);
    if !metadata.is_file() || metadata.len() > 0 || metadata.uid() != machine::user_id() {
        return;
    }
    let group = rustix::fs::Gid::from_raw(sharing.group);
    let has_group = metadata.gid() == sharing.group || rustix::fs::fchown(file, None, Some(group)).is_ok();
    let mode = sharing.mode_for(&metadata);
    if has_group && metadata.mode() & 0o777 != mode {
        let _ = file.set_permissions(Permissions::from_mode(mode));
    }
}
