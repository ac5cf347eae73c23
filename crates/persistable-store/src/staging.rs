//! Payloads on their way into a store.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::content::{Content, DigestWriter, Sink, close_tree};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::name::ArtifactId;
use crate::os;
use crate::place::Place;
use crate::settings::Durability;
use crate::trust::Written;

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
    /// Where it is written on disk. A payload for memory is only when it is written by path.
    area: Option<StagingArea>,
    in_memory: bool,
    /// The payload's path in a folder of its own, once it was asked for.
    by_path: Option<PathBuf>,
    durability: Durability,
    writer: Option<DigestWriter>,
}

/// A name of its own in a staging folder, for a streamed payload or for a folder in which one is written by its path,
/// and names beside it. What is left at them is removed when this is dropped.
///
/// Only a payload written by its path costs a folder: on common file systems making and removing one costs as much as
/// the rest of a small publishing.
#[derive(Debug)]
pub(crate) struct StagingArea {
    path: PathBuf,
    /// What is never created for it.
    root: PathBuf,
    process: u32,
    /// Whether it is left to a later run.
    is_left: AtomicBool,
}

/// What the files beside a payload in staging end in.
const BESIDE: [&str; 2] = [".params", ".manifest"];

/// A file beside a payload that is written by its path. Where it is missing, so may be what was written.
const WITNESS: &str = ".witness";

impl StagingArea {
    pub(crate) fn new(root: &Path, path: PathBuf) -> Self {
        let process = std::process::id();
        Self { path, root: root.to_owned(), process, is_left: AtomicBool::new(false) }
    }

    /// Creates a folder among the system's temporary files, for a payload of a memory store.
    pub(crate) fn scratch() -> Result<Self> {
        let temporary = std::env::temp_dir();
        let folder = tempfile::Builder::new().prefix("persistable-").tempdir_in(&temporary);
        Ok(Self::new(&temporary, folder.context("create a folder in", &temporary)?.keep()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn params(&self) -> PathBuf {
        self.beside(BESIDE[0])
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.beside(BESIDE[1])
    }

    /// Creates a folder in which a payload is written by its path. Others are kept from it until they are kept from writing
    /// to what is in there.
    fn create_folder(&self) -> Result<()> {
        self.create(os::create_private_folder)?;
        let witness = self.path.join(WITNESS);
        os::create_own(&witness).map(drop).context("create", &witness).inspect_err(|_| {
            let _ = fs::remove_dir(&self.path); // So that it can be tried again.
        })
    }

    /// Fails where somebody removed the folder, though another may be at its path by now: user code may create what is missing,
    /// and would take what it wrote since for the whole.
    fn check_folder(&self) -> Result<()> {
        let witness = self.path.join(WITNESS);
        match fs::symlink_metadata(&witness) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::at(
                ErrorKind::Unavailable,
                &self.path,
                "somebody removed it while the payload was written: where machines share a folder, locks have to hold between them",
            )),
            Err(error) => Err(Error::io("look at", &witness, error)),
        }
    }

    /// Keeps what is there for a later run to sweep.
    pub(crate) fn leave(&self) {
        self.is_left.store(true, Ordering::Relaxed);
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    /// Creates a file or folder in the staging folder, and that where it is missing.
    fn create<T>(&self, create: impl Fn(&Path) -> io::Result<T>) -> Result<T> {
        match (create(&self.path), self.path.parent()) {
            (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
                os::create_folder_below(&self.root, parent).context("create the folder", parent)?;
                create(&self.path)
            }
            (created, _) => created,
        }
        .context("create", &self.path)
    }
}

impl Drop for StagingArea {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but what is staged is its parent's.
        if self.process == std::process::id() && !self.is_left.load(Ordering::Relaxed) {
            // What can't be removed now is swept by a later run.
            let _ = remove_any(&self.path);
            for ending in BESIDE {
                let _ = fs::remove_file(self.beside(ending));
            }
        }
    }
}

/// Removes a file or a folder; returns whether there was one.
pub(crate) fn remove_any(path: &Path) -> io::Result<bool> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// A payload that is complete, and as durable as was asked for.
pub(crate) struct Staged {
    pub file: String,
    pub content: Content,
    /// What tells it from a copy, where it is on disk.
    pub written: Option<Written>,
    pub durability: Durability,
    pub place: StagedPlace,
}

pub(crate) enum StagedPlace {
    OnDisk {
        path: PathBuf,
        area: StagingArea,
    },
    /// The files by their path in the payload's folder; a payload of one file has the path "".
    InMemory(Vec<(String, Vec<u8>)>),
}

impl Staging {
    pub(crate) fn on_disk(
        id: &ArtifactId,
        store: Place,
        suffix: &str,
        area: StagingArea,
        durability: Durability,
    ) -> Self {
        let area = Some(area);
        Self { area, durability, in_memory: false, ..Self::in_memory(id, store, suffix) }
    }

    pub(crate) fn in_memory(id: &ArtifactId, store: Place, suffix: &str) -> Self {
        Self {
            id: id.clone(),
            store,
            file: format!("{}{suffix}", id.stem()),
            area: None,
            in_memory: true,
            by_path: None,
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
        let writer = match (self.writer.take(), &self.area) {
            (Some(writer), _) => writer,
            _ if self.by_path.is_some() => {
                return Err(invalid("it is being written by its path, and can't be written through a writer as well"));
            }
            (None, Some(area)) => {
                DigestWriter::new(Sink::File(area.create(os::create_own)?), self.durability == Durability::Synced)
            }
            (None, None) => DigestWriter::new(Sink::Memory(Vec::new()), false),
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
        if self.by_path.is_none() {
            let area = match &self.area {
                Some(area) => {
                    area.create_folder()?;
                    area
                }
                None => self.area.insert(StagingArea::scratch()?),
            };
            self.by_path = Some(area.path().join(&self.file));
        }
        Ok(self.by_path.as_deref().unwrap_or(Path::new(&self.file)))
    }

    /// Returns where on disk the payload is being written, once that has begun.
    #[must_use]
    pub fn place(&self) -> Option<&Path> {
        let streamed = self.writer.as_ref().and(self.area.as_ref()).map(StagingArea::path);
        self.by_path.as_deref().or(streamed)
    }

    /// Completes the payload: checks that there is exactly one, digests it and makes it durable.
    pub(crate) fn finish(self) -> Result<Staged> {
        let Self { file, area, in_memory, by_path, durability, writer, .. } = self;
        let is_synced = durability == Durability::Synced;
        let (content, written, place) = match (writer, by_path, area) {
            (Some(writer), _, area) => {
                let at = area.as_ref().map_or(Path::new(&file), StagingArea::path).to_owned();
                let (sink, content) = writer.finish().context("write", &at)?;
                let (written, place) = match (sink, area) {
                    (Sink::Memory(bytes), _) => (None, StagedPlace::InMemory(vec![(String::new(), bytes)])),
                    (Sink::File(handle), Some(area)) => {
                        if is_synced {
                            handle.sync_data().context("sync", &at)?;
                        }
                        let written = Written::of(&handle.metadata().context("look at", &at)?);
                        (Some(written), StagedPlace::OnDisk { path: at, area })
                    }
                    (Sink::File(_), None) => return Err(invalid("its staging area is gone")),
                };
                (content, written, place)
            }
            (None, Some(path), Some(area)) => {
                if !in_memory {
                    area.check_folder()?;
                }
                check_alone(&path, area.path())?;
                let content = Content::of_path(&path)?;
                if in_memory {
                    let files = read_files(&path, &content)?;
                    (content, None, StagedPlace::InMemory(files))
                } else {
                    let written = Written::of(&close_tree(&path, is_synced)?);
                    (content, Some(written), StagedPlace::OnDisk { path, area })
                }
            }
            _ => return Err(invalid("the payload IO wrote nothing")),
        };
        Ok(Staged { file, content, written, durability, place })
    }
}

/// Checks that the payload is the one thing that was written.
fn check_alone(payload: &Path, folder: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).context("list", folder)? {
        names.push(entry.context("list", folder)?.file_name());
    }
    names.retain(|name| name != WITNESS);
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
