//! A folder of the local file system as a store.

mod publish;
mod quarantine;
mod sweep;

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};
use crate::lease::{Hold, Holder, Place};
use crate::name::ArtifactId;
use crate::os;
use crate::settings::Wait;
use crate::staging::StagingFolder;
use crate::unique;

/// Holds what is never needed to read an artifact: staging, locks, quarantine, the memory of verifications.
const OWN_FOLDER: &str = ".persistable";

#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn open(root: PathBuf) -> Result<Self> {
        // A process may change its current folder later.
        let root = std::path::absolute(&root).context("find the data folder", &root)?;
        if !root.is_dir() {
            create_durably(&root).context("create the data folder", &root)?;
        }
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns which folder this is, however it is spelt. Asked anew each time: another may be at its path by now.
    pub(crate) fn place(&self) -> Result<Place> {
        let metadata = fs::metadata(&self.root).context("look at the data folder", &self.root)?;
        Ok(Place::Folder { device: metadata.dev(), inode: metadata.ino() })
    }

    pub(crate) fn lease(&self, stem: &str, wait: Wait, on_wait: &mut dyn FnMut(&Holder)) -> Result<Hold> {
        let place = self.place()?;
        self.sweep_once(place);
        let hold = Hold::acquire(place, stem, Some(self.lock_path(stem)), wait, on_wait)?;
        if hold.succeeds_dead_holder() {
            self.sweep_after(stem);
        }
        Ok(hold)
    }

    pub(crate) fn manifest_bytes(&self, id: &ArtifactId) -> Result<Option<Vec<u8>>> {
        let path = self.root.join(id.manifest_file());
        let mut file = match os::open_no_follow(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if os::is_link(&error) => {
                return Err(Error::damaged(&path, "the manifest is a symbolic link"));
            }
            Err(error) => return Err(Error::io("open", &path, error)),
        };
        let metadata = file.metadata().context("look at", &path)?;
        if !metadata.is_file() {
            return Err(Error::damaged(&path, "the manifest is not a regular file"));
        }
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut file, &mut bytes).context("read", &path)?;
        Ok(Some(bytes))
    }

    pub(crate) fn create_staging(&self, stem: &str) -> Result<StagingFolder> {
        let parent = self.own_folder("staging");
        let path = parent.join(unique_name(stem));
        match StagingFolder::create(path.clone()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&parent).context("create the folder", &parent)?;
                StagingFolder::create(path.clone())
            }
            created => created,
        }
        .context("create the staging folder", &path)
    }

    pub(crate) fn verified_folder(&self) -> PathBuf {
        self.own_folder("verified")
    }

    fn own_folder(&self, name: &str) -> PathBuf {
        self.root.join(OWN_FOLDER).join(name)
    }

    fn lock_path(&self, stem: &str) -> PathBuf {
        self.own_folder("locks").join(format!("{stem}.lock"))
    }
}

/// Creates a folder with its parents, and makes their entries durable.
fn create_durably(path: &Path) -> io::Result<()> {
    let mut missing = Vec::new();
    let mut at = path;
    while !at.as_os_str().is_empty() && !at.exists() {
        missing.push(at);
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    fs::create_dir_all(path)?;
    for created in missing {
        let parent = created.parent().filter(|parent| !parent.as_os_str().is_empty());
        os::sync_folder(parent.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

/// Returns a name that begins with the stem, and that nothing else uses.
fn unique_name(stem: &str) -> String {
    format!("{stem}~{}", unique::text())
}

/// Returns the stem of a name that [`unique_name`] made.
fn stem_of_unique(name: &str) -> Option<&str> {
    name.rsplit_once('~').map(|(stem, _)| stem)
}
