//! A folder of the local file system as a store.

pub(crate) mod amend;
mod glance;
mod publish;
mod quarantine;
mod records;
mod sweep;

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub(crate) use self::publish::Papers;

use crate::error::{Context, Error, ErrorKind, Result};
use crate::lease::{Hold, Patience};
use crate::name::ArtifactId;
use crate::os;
use crate::place::Place;
use crate::staging::StagingArea;
use crate::unique;

/// Most manifests are shorter.
const USUAL_MANIFEST_BYTES: usize = 2 << 10;
/// None is longer: this is room for a million dependencies.
const MOST_MANIFEST_BYTES: u64 = 256 << 20;

/// Holds what is never needed to read an artifact: staging, locks, quarantine, the memory of verifications.
const OWN_FOLDER: &str = ".persistable";

const NO_FILE: &str = "the manifest is not a regular file";

#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn open(root: PathBuf) -> Result<Self> {
        // A process may change its current folder later.
        let root = if root.is_absolute() {
            root
        } else {
            std::path::absolute(&root).context("find the data folder", &root)?
        };
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
        let metadata = self.metadata()?;
        Ok(Place::Folder { device: metadata.dev(), inode: metadata.ino() })
    }

    pub(crate) fn lease(&self, stem: &str, patience: Patience<'_>) -> Result<Hold> {
        let place = self.place()?;
        self.check_own_folders()?;
        self.sweep_once(place);
        let hold = Hold::acquire(place, stem, Some(self.lock_path()), patience)?;
        self.sweep_after(stem);
        Ok(hold)
    }

    pub(crate) fn manifest_path(&self, id: &ArtifactId) -> PathBuf {
        self.root.join(id.manifest_file())
    }

    pub(crate) fn manifest_bytes(&self, id: &ArtifactId) -> Result<Option<Vec<u8>>> {
        let path = self.manifest_path(id);
        self.open_manifest(&path)?.map(|file| read_manifest(&file, &path)).transpose()
    }

    /// Reads a manifest, and looks at the very file that was read.
    pub(crate) fn manifest_and_metadata(&self, id: &ArtifactId) -> Result<Option<(Vec<u8>, Metadata)>> {
        let path = self.manifest_path(id);
        let Some(file) = self.open_manifest(&path)? else { return Ok(None) };
        let bytes = read_manifest(&file, &path)?;
        Ok(Some((bytes, file.metadata().context("look at", &path)?)))
    }

    fn open_manifest(&self, path: &Path) -> Result<Option<File>> {
        match os::open_no_follow(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A miss, unless the whole folder is missing.
                self.metadata().map(|_| None)
            }
            Err(error) if os::is_link(&error) => Err(Error::damaged(path, "the manifest is a symbolic link")),
            Err(_) if os::is_no_file(path) => Err(Error::damaged(path, NO_FILE)),
            Err(error) => Err(Error::io("open", path, error)),
        }
    }

    /// Names a place in staging that nothing else uses. Fails where nothing could be brought into place from there.
    pub(crate) fn staging_area(&self, stem: &str) -> Result<StagingArea> {
        let staging = self.own_folder("staging");
        for folder in [&self.root, &staging] {
            os::check_writable(folder).context("write to the folder", folder)?;
        }
        Ok(StagingArea::new(&self.root, staging.join(unique_name(stem))))
    }

    /// Looks at the data folder, which is gone where the share that it is on was unmounted.
    fn metadata(&self) -> Result<Metadata> {
        fs::metadata(&self.root).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::gone(&self.root, error),
            _ => Error::io("look at the data folder", &self.root, error),
        })
    }

    /// Refuses to write where a link leads out of the data folder, and to clean up there.
    fn check_own_folders(&self) -> Result<()> {
        let own = [self.root.join(OWN_FOLDER), self.own_folder("staging"), self.own_folder("quarantine")];
        match own.iter().find(|folder| os::is_link_at(folder)) {
            Some(link) => {
                Err(Error::at(ErrorKind::Unavailable, link, "it is a symbolic link, which is not followed: remove it"))
            }
            None => Ok(()),
        }
    }

    fn own_folder(&self, name: &str) -> PathBuf {
        self.root.join(OWN_FOLDER).join(name)
    }

    fn lock_path(&self) -> PathBuf {
        self.own_folder("lock")
    }
}

fn read_manifest(file: &File, path: &Path) -> Result<Vec<u8>> {
    // What is no regular file gives an error, or no sealed text. A manifest is small: asking for its size first would
    // cost more than the read that finds its end.
    let mut bytes = Vec::with_capacity(USUAL_MANIFEST_BYTES);
    match file.take(MOST_MANIFEST_BYTES).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(_) if os::is_no_file(path) => Err(Error::damaged(path, NO_FILE)),
        Err(error) => Err(Error::io("read", path, error)),
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
