//! Payloads on their way into a folder.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::area::{StagingArea, WITNESS};
use super::publish::{Payload, publish};
use super::publishing::WhereStaged;
use super::root::Root;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::format::Content;
use crate::machine;
use crate::on_disk::author::written_of;
use crate::on_disk::disk::{keep_others_from_writing, write_all};
use crate::publication::{Committed, Publication};
use crate::settings::Durability;
use crate::staging::Stage;
use crate::tree::{check_alone, content_looking};

/// From this size on, what is written begins to be synced while the rest is written.
const SYNC_AHEAD_BYTES: usize = 1 << 20;

/// A payload that is being written to the staging folder.
#[derive(Debug)]
pub(super) struct FolderStage {
    root: Arc<Root>,
    area: StagingArea,
    durability: Durability,
    size_bytes: u64,
    written: Option<Written>,
    /// Whether this account wrote all of it. Nothing else is signed.
    is_own: bool,
}

/// What was written.
#[derive(Debug)]
enum Written {
    /// One file, streamed, that has no name yet.
    Unnamed(File),
    /// One file, streamed.
    Streamed(File),
    /// A file or a folder, by its path.
    ByPath(PathBuf),
}

impl FolderStage {
    pub(super) fn new(root: &Arc<Root>, stem: &str, durability: Durability) -> Result<Self> {
        let area = StagingArea::new(root, stem)?;
        Ok(Self { root: Arc::clone(root), area, durability, size_bytes: 0, written: None, is_own: true })
    }
}

impl Stage for FolderStage {
    fn begin(&mut self) -> Result<()> {
        // After a power cut such a file may have lost its name, on some file systems even if it was synced.
        let unnamed = if self.durability == Durability::Fast { self.area.create_unnamed() } else { None };
        self.written = Some(match unnamed {
            Some(file) => Written::Unnamed(file),
            None => Written::Streamed(self.area.create(|medium, path| medium.create(path))?),
        });
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(Written::Streamed(file) | Written::Unnamed(file)) = &self.written else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        write_all(self.root.medium(), file, bytes)?;
        if self.durability == Durability::Synced && bytes.len() >= SYNC_AHEAD_BYTES {
            self.root.medium().begin_to_sync(file, self.size_bytes, bytes.len() as u64);
        }
        self.size_bytes += bytes.len() as u64;
        Ok(())
    }

    fn path(&self) -> Option<&Path> {
        self.written.as_ref().map(|written| match written {
            Written::Unnamed(_) => self.root.path(),
            Written::Streamed(_) => self.area.path(),
            Written::ByPath(path) => path,
        })
    }

    fn folder(&mut self) -> Result<PathBuf> {
        self.area.create_folder()?;
        Ok(self.area.path().to_owned())
    }

    fn take_in(&mut self, path: &Path) -> Result<Content> {
        let medium = self.root.medium();
        self.area.check_folder()?;
        check_alone(medium, path, self.area.path(), Some(WITNESS))?;
        // Those who share the data folder can put a folder of theirs in the place of the one that was written.
        let mut is_own = true;
        let content = content_looking(medium, path, &mut |metadata| is_own &= metadata.uid() == machine::user_id())?;
        self.is_own = is_own;
        self.written = Some(Written::ByPath(path.to_owned()));
        Ok(content)
    }

    fn publish(self: Box<Self>, mut publication: Publication<'_>) -> Result<Committed> {
        let opened;
        let (staged, file, metadata) = match &self.written {
            Some(Written::Unnamed(file)) => {
                (WhereStaged::Unnamed(file), Some(file), file.metadata().context("look at", self.root.path())?)
            }
            Some(Written::Streamed(file)) => {
                let path = self.area.path();
                (WhereStaged::At(path), Some(file), file.metadata().context("look at", path)?)
            }
            Some(Written::ByPath(path)) => {
                let metadata = self.close_tree(path)?;
                opened =
                    if metadata.is_dir() { None } else { Some(self.root.medium().open(path).context("open", path)?) };
                (WhereStaged::At(path), opened.as_ref(), metadata)
            }
            None => return Err(Error::new(ErrorKind::InvalidPayload, "nothing was staged")),
        };
        publication.set_written(written_of(&metadata));
        if !self.is_own {
            publication.leave_unsigned();
        }
        let is_streamed = !matches!(self.written, Some(Written::ByPath(_)));
        publish(&self.root, &self.area, Payload { staged, inode: metadata.ino(), file, is_streamed }, publication)
    }
}

impl FolderStage {
    /// Completes what a payload IO wrote by its path: keeps others from writing to the file, or to all files and folders below
    /// the folder. A folder is made durable where that is asked for.
    fn close_tree(&self, path: &Path) -> Result<Metadata> {
        let medium = self.root.medium();
        let metadata = medium.metadata(path).context("look at", path)?;
        keep_others_from_writing(medium, path, &metadata);
        if metadata.is_dir() {
            let is_synced = self.durability == Durability::Synced;
            for entry in medium.list(path).context("list", path)? {
                let path = path.join(&entry.name);
                if !self.close_tree(&path)?.is_dir() && is_synced {
                    medium.open(&path).and_then(|file| medium.sync_file(&file)).context("sync", &path)?;
                }
            }
            if is_synced {
                medium.sync_folder(path).context("sync", path)?;
            }
        }
        Ok(metadata)
    }
}
