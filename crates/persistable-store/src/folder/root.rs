//! The data folder, and what lies where in it.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::lately::Lately;
use super::process::{FileStamp, Process};
use super::sharing::Sharing;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::format::name::{manifest_file, params_file};
use crate::location::{Identity, Location};
use crate::machine;
use crate::medium::{Access, Medium};
use crate::on_disk::disk::is_link_at;
use crate::on_disk::times::is_settled;

/// Holds what is never needed to read an artifact: staging, locks, quarantine, the memory of verifications.
const OWN_FOLDER: &str = ".persistable";

#[derive(Debug)]
pub(super) struct Root {
    path: PathBuf,
    location: Location,
    own: PathBuf,
    staging: PathBuf,
    lock: PathBuf,
    medium: Arc<dyn Medium>,
    pub(super) process: &'static Process,
}

impl Root {
    /// Opens a data folder. Where there is none, `create` makes it.
    pub(super) fn open(
        path: PathBuf,
        medium: Arc<dyn Medium>,
        process: &'static Process,
        create: impl FnOnce(&dyn Medium, &Path) -> Result<()>,
    ) -> Result<Self> {
        // A process may change its current folder later.
        let path = if path.is_absolute() {
            path
        } else {
            std::path::absolute(&path).context("find the data folder", &path)?
        };
        if !medium.followed_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            create(&*medium, &path)?;
        }
        let own = path.join(OWN_FOLDER);
        let (staging, lock) = (own.join("staging"), own.join("lock"));
        Ok(Self { location: Location::Path(path.clone()), path, own, staging, lock, medium, process })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn location(&self) -> &Location {
        &self.location
    }

    pub(super) fn medium(&self) -> &dyn Medium {
        &*self.medium
    }

    /// Returns which folder this is, however it is spelt. Asked anew each time: another may be at its path by now.
    pub(super) fn identity(&self) -> Result<Identity> {
        let metadata = self.metadata()?;
        Ok(Identity::new("folder", [metadata.dev(), metadata.ino()]))
    }

    /// Looks at the data folder, which is gone where the share that it is on was unmounted.
    pub(super) fn metadata(&self) -> Result<Metadata> {
        self.medium.followed_metadata(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let message = "the data folder is gone: it was removed, or its disk or share was unmounted";
                let advice = "Mount it. Or create the folder again: then everything in it is generated anew";
                Error::new(ErrorKind::Unavailable, message).at(&self.path).caused_by(error).advise(advice)
            }
            _ => Error::io("look at the data folder", &self.path, error),
        })
    }

    pub(super) fn join(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    pub(super) fn manifest_path(&self, stem: &str) -> PathBuf {
        self.path.join(manifest_file(stem))
    }

    pub(super) fn params_path(&self, stem: &str) -> PathBuf {
        self.path.join(params_file(stem))
    }

    pub(super) fn own_folder(&self, name: &str) -> PathBuf {
        self.own.join(name)
    }

    pub(super) fn staging(&self) -> &Path {
        &self.staging
    }

    pub(super) fn lock_path(&self) -> &Path {
        &self.lock
    }

    /// Returns the folder that has the store's own files and folders.
    pub(super) fn own(&self) -> &Path {
        &self.own
    }

    /// Returns who may use what the store keeps for itself.
    pub(super) fn sharing(&self) -> io::Result<Sharing> {
        self.medium().followed_metadata(&self.path).map(|metadata| Sharing::of(&metadata))
    }

    /// Gives one of the store's own files, which was just written, the mode and group of the data folder.
    pub(super) fn share(&self, path: &Path) {
        if let Ok(sharing) = self.sharing() {
            sharing.apply(self.medium(), path);
        }
    }

    /// Creates one of the store's own folders, where it is missing.
    pub(super) fn create_own_folder(&self, folder: &Path) -> io::Result<()> {
        self.sharing()?.create_folder_below(self.medium(), &self.path, folder)
    }

    /// Whether no link leads out of the data folder to one of the store's own folders.
    pub(super) fn is_own_folder_inside(&self, name: &str) -> bool {
        !is_link_at(self.medium(), &self.own_folder(name)) && !is_link_at(self.medium(), &self.own)
    }

    /// Refuses to write where a link leads out of the data folder, and to clean up there.
    pub(super) fn check_own_folders(&self) -> Result<()> {
        let others = [self.staging.clone(), self.own_folder("quarantine")];
        match [self.own.clone()].iter().chain(&others).find(|folder| is_link_at(self.medium(), folder)) {
            Some(link) => Err(refuse_link(link)),
            None => Ok(()),
        }
    }

    /// Does the same, unless the folder in which the others are is `known` to have none. Returns how to know that later: by
    /// what the folder had before, if every change of its entries since then shows in its times.
    pub(super) fn check_own_folders_unless(&self, known: Option<FileStamp>) -> Result<Option<FileStamp>> {
        let stamp = match self.medium().metadata(&self.own) {
            Ok(metadata) if metadata.is_symlink() => return Err(refuse_link(&self.own)),
            Ok(metadata) if is_settled(&metadata) => Some(FileStamp::of(&metadata)),
            _ => None,
        };
        if stamp.is_none() || stamp != known {
            self.check_own_folders()?;
        }
        Ok(stamp)
    }

    /// Looks at what was done lately in this folder.
    pub(super) fn lately<T>(&self, act: impl FnOnce(&mut Lately) -> T) -> T {
        // Paths are compared as they are spelt: comparing them by their components takes longer.
        let (mut folders, path) = (self.process.lately.lock(), self.path.as_os_str());
        match folders.get_mut(path) {
            Some(lately) => act(lately),
            None => act(folders.entry(path.to_owned()).or_default()),
        }
    }

    pub(super) fn sync(&self) -> Result<()> {
        self.medium.sync_folder(&self.path).context("sync", &self.path)
    }
}

const NO_FOLDER: &str = "it is not a folder, so no store can be there";

fn refuse_link(link: &Path) -> Error {
    Error::new(ErrorKind::Unavailable, "it is a symbolic link, which is not followed").advise("Remove it").at(link)
}

/// Creates a folder with its parents, and makes their entries durable.
pub(super) fn create_durably(medium: &dyn Medium, path: &Path) -> Result<()> {
    if medium.followed_metadata(path).is_ok_and(|there| !there.is_dir()) {
        return Err(Error::new(ErrorKind::Unavailable, NO_FOLDER).at(path));
    }
    let create = || -> io::Result<()> {
        let mut missing = Vec::new();
        let mut at = path;
        while !at.as_os_str().is_empty() && medium.followed_metadata(at).is_err() {
            missing.push(at);
            match at.parent() {
                Some(parent) => at = parent,
                None => break,
            }
        }
        for folder in missing.iter().rev() {
            match medium.create_folder(folder, Access::Usual) {
                Err(_) if medium.followed_metadata(folder).is_ok_and(|there| there.is_dir()) => {}
                created => created?,
            }
        }
        for created in missing {
            let parent = created.parent().filter(|parent| !parent.as_os_str().is_empty());
            medium.sync_folder(parent.unwrap_or(Path::new(".")))?;
        }
        Ok(())
    };
    create().context("create the data folder", path)
}

/// Refuses a folder that is not there.
pub(super) fn refuse_missing(medium: &dyn Medium, path: &Path) -> Result<()> {
    let message = match medium.followed_metadata(path) {
        Ok(_) => NO_FOLDER.to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            "there is no such data folder. Is the path right? Store::create creates it".to_owned()
        }
        Err(error) => return Err(Error::io("open the data folder", path, error)),
    };
    Err(Error::new(ErrorKind::Unavailable, message).at(path))
}

/// Returns a name that begins with the stem, and that nothing else uses.
pub(super) fn unique_name(stem: &str) -> String {
    format!("{stem}~{}", machine::unique_text())
}

/// Returns the stem of a name that [`unique_name`] made.
pub(super) fn stem_of_unique(name: &str) -> Option<&str> {
    name.rsplit_once('~').map(|(stem, _)| stem)
}
