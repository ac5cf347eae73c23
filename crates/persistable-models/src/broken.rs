//! What media do that are broken on purpose.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use persistable_store::medium::{Medium as _, NameInFolder, System};

/// Whether a manifest is there, or is to be.
#[must_use]
pub fn is_manifest(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".manifest.json")
}

/// Whether a payload is there, or is to be: in the data folder, and not in the store's own.
#[must_use]
pub fn is_payload(path: &Path) -> bool {
    let path = path.to_string_lossy();
    !path.contains("/.persistable/") && !path.ends_with(".manifest.json") && !path.ends_with(".params.json")
}

/// Writes over what is at a path, instead of moving there what is staged; `pause` is called in the middle.
///
/// # Errors
///
/// Those of the system, and of `pause`.
pub fn write_over(staged: &Path, target: &Path, pause: &dyn Fn() -> io::Result<()>) -> io::Result<()> {
    if !fs::symlink_metadata(staged)?.is_dir() {
        let bytes = fs::read(staged)?;
        fs::write(target, b"")?;
        pause()?;
        return fs::write(target, bytes);
    }
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(staged)? {
        let entry = entry?;
        write_over(&entry.path(), &target.join(entry.file_name()), pause)?;
    }
    Ok(())
}

/// Gives a file a name in the staging folder from which it can be moved to a path, and returns it.
///
/// # Errors
///
/// Those of the system.
pub fn named_aside(file: &File, target: &Path) -> io::Result<PathBuf> {
    let name = target.file_name().unwrap_or_default();
    let aside = target.with_file_name(".persistable").join("staging").join(name);
    System.name(file, &aside)?;
    Ok(aside)
}

/// Lists a folder; the staging area as if its makers were all dead, so that all that is there is swept.
///
/// # Errors
///
/// Those of the system.
pub fn list_swept(folder: &Path) -> io::Result<Vec<NameInFolder>> {
    let mut entries = System.list(folder)?;
    if folder.ends_with("staging") {
        for entry in entries.drain(..) {
            let path = folder.join(entry.name);
            let _ = if entry.kind.is_dir() { System.remove_tree(&path) } else { System.remove_file(&path) };
        }
    }
    Ok(entries)
}

/// An operation that is done later than it was asked for.
#[derive(Debug)]
enum Operation {
    Move(PathBuf, PathBuf),
    Removal(PathBuf),
}

/// What is put off.
#[derive(Debug, Default)]
pub struct PutOff(Mutex<Option<Operation>>);

impl PutOff {
    /// Puts off a move.
    pub fn move_later(&self, from: &Path, to: &Path) {
        self.put(Operation::Move(from.to_owned(), to.to_owned()));
    }

    /// Puts off a removal.
    pub fn remove_later(&self, path: &Path) {
        self.put(Operation::Removal(path.to_owned()));
    }

    /// Does what was put off, if anything was, after `pause`.
    ///
    /// # Errors
    ///
    /// Those of the system, and of `pause`.
    pub fn make_up(&self, pause: &dyn Fn() -> io::Result<()>) -> io::Result<()> {
        let put_off = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(put_off) = put_off else { return Ok(()) };
        pause()?;
        match put_off {
            Operation::Move(from, to) => System.rename(&from, &to),
            Operation::Removal(path) => System.remove_file(&path),
        }
    }

    fn put(&self, operation: Operation) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(operation);
    }
}
