//! Small things that are done to a disk in several places.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::medium::{Access, Medium};

/// Whether opening failed because there is a symbolic link.
pub(crate) fn is_link(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

/// Whether there is something at a path that is no file, such as a folder, a pipe or a socket.
pub(crate) fn is_no_file(medium: &dyn Medium, path: &Path) -> bool {
    medium.metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

/// Whether there is a symbolic link at a path.
pub(crate) fn is_link_at(medium: &dyn Medium, path: &Path) -> bool {
    medium.metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

/// Whether two descriptions of a file are of the same one.
pub(crate) fn same_file(a: &Metadata, b: &Metadata) -> bool {
    a.dev() == b.dev() && a.ino() == b.ino()
}

/// Takes the right to write to a file or a folder from its group and from others, as far as the file system keeps such
/// rights: where it does not, nothing there passes for one's own.
pub(crate) fn keep_others_from_writing(medium: &dyn Medium, path: &Path, metadata: &Metadata) {
    let mode = metadata.mode();
    if mode & 0o022 != 0 {
        let _ = medium.set_permissions(path, Permissions::from_mode(mode & 0o7777 & !0o022));
    }
}

/// Creates a folder in one that is there, unless it is there already.
pub(crate) fn create_folder(medium: &dyn Medium, path: &Path) -> io::Result<()> {
    match medium.create_folder(path, Access::Usual) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created,
    }
}

/// Removes a file or a folder; returns whether there was one.
pub(crate) fn remove_any(medium: &dyn Medium, path: &Path) -> io::Result<bool> {
    let removed = match medium.metadata(path) {
        Ok(metadata) if metadata.is_dir() => medium.remove_tree(path),
        Ok(_) => medium.remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Appends all bytes to a file.
pub(crate) fn write_all(medium: &dyn Medium, file: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match medium.write(file, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes a file that is not there yet.
pub(crate) fn write_new(medium: &dyn Medium, path: &Path, bytes: &[u8]) -> io::Result<File> {
    let file = medium.create(path)?;
    write_all(medium, &file, bytes)?;
    Ok(file)
}
