//! The steps of a publishing.

use std::fs::File;
use std::io;
use std::path::Path;

use super::area::StagingArea;
use super::remove::put_aside;
use super::root::Root;
use crate::error::{Context, Result};
use crate::on_disk::disk::write_new;
use crate::settings::Durability;

/// What is complete, and is to be moved into place.
#[derive(Clone, Copy, Debug)]
pub(super) enum WhereStaged<'a> {
    /// A file or folder in the staging folder.
    At(&'a Path),
    /// A file that has no name yet.
    Unnamed(&'a File),
}

/// One publishing, up to its end.
pub(super) struct Publishing<'a> {
    pub(super) root: &'a Root,
    pub(super) area: &'a StagingArea,
    pub(super) durability: Durability,
}

impl Publishing<'_> {
    /// Moves a file or folder to where nothing is, if the file system can: else it looks before.
    pub(super) fn move_to_free(&self, staged: WhereStaged<'_>, target: &Path) -> io::Result<()> {
        let medium = self.root.medium();
        let staged = match staged {
            WhereStaged::At(path) => path,
            WhereStaged::Unnamed(file) => return medium.name(file, target),
        };
        match medium.rename_to_free(staged, target) {
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
                match medium.metadata(target) {
                    Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => medium.rename(staged, target),
                    Err(error) => Err(error),
                }
            }
            moved => moved,
        }
    }

    /// Returns the path of a payload in the staging folder. A file that has no name yet gets one there.
    pub(super) fn path_of<'b>(&'b self, staged: WhereStaged<'b>) -> Result<&'b Path> {
        match staged {
            WhereStaged::At(path) => Ok(path),
            WhereStaged::Unnamed(file) => {
                self.area.create(|medium, path| medium.name(file, path))?;
                Ok(self.area.path())
            }
        }
    }

    /// Moves a file or folder to a place, and puts aside what is in its way there.
    pub(super) fn move_in(&self, staged: &Path, target: &Path, stem: &str) -> Result<()> {
        match self.root.medium().rename(staged, target) {
            Err(error) if is_in_the_way(&error) => {
                let reason = "it was in the way of an artifact, and no manifest named it";
                put_aside(self.root, stem, &[target.to_owned()], reason)?;
                self.rename(staged, target)
            }
            renamed => renamed.context("move a file to", target),
        }
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.root.medium().rename(from, to).context("move a file to", to)
    }

    pub(super) fn sync_folder(&self) -> Result<()> {
        match self.durability {
            Durability::Synced => self.root.sync(),
            Durability::Fast => Ok(()),
        }
    }

    /// Writes manifests to staging, and makes them durable together with the payload, as far as asked for. All are handed to the
    /// disk before the first one is synced: the file system then commits once, and finds nothing left to do for the others.
    pub(super) fn write_synced(&self, manifests: &[(&Path, &[u8])], payload: Option<&File>) -> Result<()> {
        let medium = self.root.medium();
        let mut files = Vec::with_capacity(manifests.len());
        for (path, bytes) in manifests {
            files.push((write_new(medium, path, bytes).context("write", path)?, *path));
        }
        if self.durability == Durability::Fast {
            return Ok(());
        }
        let written = files.iter().map(|(file, path)| (file, *path));
        let pending: Vec<_> = payload.map(|file| (file, self.area.path())).into_iter().chain(written).collect();
        let each = |sync: &dyn Fn(&File) -> io::Result<()>| {
            pending.iter().try_for_each(|(file, path)| sync(file).context("sync", path))
        };
        if pending.len() > 1 {
            each(&|file| medium.write_back(file, false))?;
            each(&|file| medium.write_back(file, true))?;
        }
        each(&|file| medium.sync_file(file))
    }
}

/// Whether a move failed because there is a folder where a file is to go, or something else than an empty folder where a
/// folder is to go.
fn is_in_the_way(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, IsADirectory, NotADirectory};
    matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | IsADirectory | NotADirectory)
}
