//! Payloads on their way into a store.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::content::{Content, DigestWriter, Sink, sync_tree};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::lease::Place;
use crate::name::ArtifactId;
use crate::settings::Durability;

/// A payload being written: either streamed through [`writer`](Self::writer), or written by its [`path`](Self::path).
///
/// Nothing of it is visible in the store before [`Store::publish`](crate::Store::publish). Dropped before that, it leaves
/// nothing behind.
#[derive(Debug)]
pub struct Staging {
    id: ArtifactId,
    store: Place,
    /// The payload's file name in the store.
    file: String,
    /// The payload's path, in a folder of its own. A payload for memory gets one only when it is written by path.
    on_disk: Option<(PathBuf, StagingFolder)>,
    in_memory: bool,
    durability: Durability,
    writer: Option<DigestWriter>,
}

/// A folder that is removed with everything in it when dropped.
#[derive(Debug)]
pub(crate) struct StagingFolder {
    path: PathBuf,
    process: u32,
}

impl StagingFolder {
    pub(crate) fn create(path: PathBuf) -> std::io::Result<Self> {
        fs::create_dir(&path)?;
        Ok(Self::existing(path))
    }

    fn existing(path: PathBuf) -> Self {
        Self { path, process: std::process::id() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StagingFolder {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but the folder is its parent's.
        if self.process != std::process::id() {
            return;
        }
        // What can't be removed now is swept by a later run.
        if fs::remove_dir(&self.path).is_err() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// A payload that is complete, and as durable as was asked for.
pub(crate) struct Staged {
    pub file: String,
    pub content: Content,
    pub durability: Durability,
    pub place: StagedPlace,
}

pub(crate) enum StagedPlace {
    OnDisk {
        path: PathBuf,
        folder: StagingFolder,
    },
    /// The files by their path in the payload's folder; a payload of one file has the path "".
    InMemory(Vec<(String, Vec<u8>)>),
}

impl Staging {
    pub(crate) fn on_disk(
        id: &ArtifactId,
        store: Place,
        suffix: &str,
        folder: StagingFolder,
        durability: Durability,
    ) -> Self {
        let mut staging = Self { durability, in_memory: false, ..Self::in_memory(id, store, suffix) };
        staging.on_disk = Some((folder.path().join(&staging.file), folder));
        staging
    }

    pub(crate) fn in_memory(id: &ArtifactId, store: Place, suffix: &str) -> Self {
        Self {
            id: id.clone(),
            store,
            file: id.stem() + suffix,
            on_disk: None,
            in_memory: true,
            durability: Durability::Fast,
            writer: None,
        }
    }

    /// Whether this was begun under a lease of that artifact in that store.
    pub(crate) fn is_of(&self, id: &ArtifactId, store: Place) -> bool {
        self.id == *id && self.store == store
    }

    /// Returns a writer for a payload of one file. Bytes are digested on the way.
    ///
    /// # Errors
    ///
    /// When the staging file can't be created.
    pub fn writer(&mut self) -> Result<&mut (dyn Write + Send)> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None if self.in_memory => DigestWriter::new(Sink::Memory(Vec::new())),
            None => {
                let path = self.path()?;
                let file = File::options().write(true).create_new(true).open(path).context("create", path)?;
                DigestWriter::new(Sink::File(file))
            }
        };
        Ok(self.writer.insert(writer))
    }

    /// Returns the path at which to write one file, or to create one folder of files.
    ///
    /// Its name is the one that the payload will have in the store. Nothing else may be left beside it.
    ///
    /// # Errors
    ///
    /// When no staging folder can be created, or the payload is already being written through [`writer`](Self::writer).
    pub fn path(&mut self) -> Result<&Path> {
        if self.writer.is_some() {
            return Err(invalid("it is being written through a writer, and can't be written by its path as well"));
        }
        let on_disk = match self.on_disk.take() {
            Some(on_disk) => on_disk,
            None => {
                let folder = scratch_folder()?;
                (folder.path().join(&self.file), folder)
            }
        };
        Ok(&self.on_disk.insert(on_disk).0)
    }

    /// Completes the payload: checks that there is exactly one, digests it and makes it durable.
    pub(crate) fn finish(mut self) -> Result<Staged> {
        let (file, durability) = (self.file, self.durability);
        if let Some(writer) = self.writer.take() {
            let at = self.on_disk.as_ref().map_or(Path::new(&file), |(path, _)| path);
            let (sink, content) = writer.finish().context("write", at)?;
            let place = match (sink, self.on_disk) {
                (Sink::File(handle), Some((path, folder))) => {
                    if durability == Durability::Synced {
                        handle.sync_data().context("sync", &path)?;
                    }
                    StagedPlace::OnDisk { path, folder }
                }
                (Sink::Memory(bytes), _) => StagedPlace::InMemory(vec![(String::new(), bytes)]),
                (Sink::File(_), None) => return Err(invalid("its staging folder is gone")),
            };
            return Ok(Staged { file, content, durability, place });
        }
        let Some((path, folder)) = self.on_disk else {
            return Err(invalid("the payload IO wrote nothing"));
        };
        check_alone(&path, folder.path())?;
        let content = Content::of_path(&path)?;
        let place = if self.in_memory {
            StagedPlace::InMemory(read_files(&path, &content)?)
        } else {
            if durability == Durability::Synced {
                sync_tree(&path)?;
            }
            StagedPlace::OnDisk { path, folder }
        };
        Ok(Staged { file, content, durability, place })
    }
}

/// Creates a folder among the system's temporary files, for a payload of a memory store.
pub(crate) fn scratch_folder() -> Result<StagingFolder> {
    let temporary = std::env::temp_dir();
    let folder = tempfile::Builder::new().prefix("persistable-").tempdir_in(&temporary);
    Ok(StagingFolder::existing(folder.context("create a folder in", &temporary)?.keep()))
}

/// Checks that the payload is the one thing that was written.
fn check_alone(payload: &Path, folder: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).context("list", folder)? {
        names.push(entry.context("list", folder)?.file_name());
    }
    match names.as_slice() {
        [] => Err(invalid("the payload IO wrote nothing")),
        [name] if payload.file_name() == Some(name) => Ok(()),
        _ => Err(invalid(&format!(
            "the payload IO has to write exactly {:?}, and wrote {names:?}: several files belong in a folder of that name",
            payload.file_name().unwrap_or_default()
        ))),
    }
}

fn read_files(path: &Path, content: &Content) -> Result<Vec<(String, Vec<u8>)>> {
    let Some(files) = &content.files else {
        return Ok(vec![(String::new(), fs::read(path).context("read", path)?)]);
    };
    let read = |relative: &String| {
        let path = path.join(relative);
        Ok((relative.clone(), fs::read(&path).context("read", &path)?))
    };
    files.iter().map(|file| read(&file.path)).collect()
}

fn invalid(problem: &str) -> Error {
    Error::new(ErrorKind::InvalidPayload, format!("the payload can't be persisted: {problem}"))
}
