//! Names in the staging folder.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use persistable_base::sync::process;

use super::accounts::explain;
use super::root::{Root, unique_name};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::medium::{Access, Medium};
use crate::on_disk::disk::remove_any;

/// What the files beside a payload in staging end in.
const BESIDE: [&str; 3] = [".params", ".manifest", ".both"];

/// A file beside a payload that is written by its path. Where it is missing, so may be what was written.
pub(super) const WITNESS: &str = ".witness";

/// A name of its own in a staging folder, for a streamed payload or for a folder in which one is written by its path,
/// and names beside it. What is left at them is removed when this is dropped.
///
/// Only a payload written by its path costs a folder: on common file systems making and removing one costs as much as
/// the rest of a small publishing.
#[derive(Debug)]
pub(super) struct StagingArea {
    root: Arc<Root>,
    path: PathBuf,
    process: u32,
    /// Whether it is left as it is.
    is_left: AtomicBool,
}

impl StagingArea {
    /// Names a place in staging that nothing else uses. Fails where nothing could be brought into place from there.
    pub(super) fn new(root: &Arc<Root>, stem: &str) -> Result<Self> {
        let staging = root.staging();
        if !root.lately(|lately| lately.was_writable()) {
            for folder in [root.path(), staging] {
                let checked = root.medium().check_writable(folder).context("write to the folder", folder);
                checked.map_err(|error| explain(root, error))?;
            }
            root.lately(|lately| lately.note_writable());
        }
        let path = staging.join(unique_name(stem));
        Ok(Self { root: Arc::clone(root), path, process: process::id(), is_left: AtomicBool::new(false) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn params(&self) -> PathBuf {
        self.beside(BESIDE[0])
    }

    pub(super) fn manifest(&self) -> PathBuf {
        self.beside(BESIDE[1])
    }

    /// For the manifest that names two payloads.
    pub(super) fn both(&self) -> PathBuf {
        self.beside(BESIDE[2])
    }

    /// Creates a folder in which a payload is written by its path. Others are kept from it until they are kept from writing
    /// to what is in there.
    pub(super) fn create_folder(&self) -> Result<()> {
        self.create(|medium, path| medium.create_folder(path, Access::Private))?;
        let witness = self.path.join(WITNESS);
        self.root.medium().create(&witness).map(drop).context("create", &witness).inspect_err(|_| {
            let _ = self.root.medium().remove_folder(&self.path); // So that it can be tried again.
        })
    }

    /// Fails where somebody removed the folder, though another may be at its path by now: user code may create what is missing,
    /// and would take what it wrote since for the whole.
    pub(super) fn check_folder(&self) -> Result<()> {
        let witness = self.path.join(WITNESS);
        match self.root.medium().metadata(&witness) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let message = "somebody removed it while the payload was written: where machines share a folder, locks have to \
                               hold between them";
                Err(Error::new(ErrorKind::Unavailable, message).at(&self.path))
            }
            Err(error) => Err(Error::io("look at", &witness, error)),
        }
    }

    /// Leaves it as it is: since nothing is there any more, or for a later run to sweep.
    pub(super) fn leave(&self) {
        self.is_left.store(true, Ordering::Relaxed);
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    /// Creates a file without a name on the file system of the data folder, where that can be done.
    ///
    /// To move a file from one folder to another costs as much as to create one. And of such a file nothing is left if
    /// the process dies.
    pub(super) fn create_unnamed(&self) -> Option<File> {
        let (root, medium) = (&self.root, self.root.medium());
        let names_files = root.lately(|lately| lately.names_files()).unwrap_or_else(|| {
            let name = |file| self.create(|medium, path| medium.name(&file, path));
            let named = medium.create_unnamed(root.path()).is_ok_and(|file| name(file).is_ok());
            let names_files = named && medium.remove_file(&self.path).is_ok();
            root.lately(|lately| lately.note_names_files(names_files));
            names_files
        });
        if names_files { medium.create_unnamed(root.path()).ok() } else { None }
    }

    /// Creates a file or folder in the staging folder, and that where it is missing.
    pub(super) fn create<T>(&self, create: impl Fn(&dyn Medium, &Path) -> io::Result<T>) -> Result<T> {
        let medium = self.root.medium();
        match (create(medium, &self.path), self.path.parent()) {
            (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
                self.root.create_own_folder(parent).context("create the folder", parent)?;
                create(medium, &self.path)
            }
            (created, _) => created,
        }
        .context("create", &self.path)
        .map_err(|error| explain(&self.root, error))
    }
}

impl Drop for StagingArea {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but what is staged is its parent's.
        if self.process == process::id() && !self.is_left.load(Ordering::Relaxed) {
            // What can't be removed now is swept by a later run.
            let _ = remove_any(self.root.medium(), &self.path);
            for ending in BESIDE {
                let _ = self.root.medium().remove_file(&self.beside(ending));
            }
        }
    }
}
