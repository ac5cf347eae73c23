//! Downloading a payload, and verifying what came.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate};

use super::super::cache::{Failed, Outcome};
use super::super::root::Root;
use super::temporary::{explained, temporary_file};
use crate::error::{Error, ErrorKind, Result};
use crate::format::{Content, Digest, FileRecord, PayloadRecord};
use crate::location::Location;
use crate::parallel;
use crate::payload::{check_digest, check_size};

/// Up to this size, a file comes with one request.
pub(super) const SMALL_BYTES: u64 = 1 << 20;
/// So many small files of a folder come at once.
const AT_ONCE: usize = 8;
/// What does not have its digest is fetched once more: only what stays wrong is damage of the store.
const TRIES: usize = 2;

/// A payload to be downloaded.
#[derive(Debug)]
pub(super) struct Download<'a> {
    root: &'a Root,
    location: &'a Location,
    record: &'a PayloadRecord,
}

/// An object that is a payload's file.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    name: &'a str,
    location: &'a Location,
    size_bytes: u64,
    digest: Digest,
}

impl<'a> Download<'a> {
    pub(super) fn new(root: &'a Root, location: &'a Location, record: &'a PayloadRecord) -> Self {
        Self { root, location, record }
    }

    fn whole(&self) -> Part<'a> {
        let PayloadRecord { file, size_bytes, digest, .. } = self.record;
        Part { name: file, location: self.location, size_bytes: *size_bytes, digest: *digest }
    }

    /// Gets a small payload of one file.
    pub(super) fn to_memory(&self) -> Result<Vec<u8>> {
        self.get(self.whole())
    }

    /// Gets a payload of one file.
    pub(super) fn to_temporary_file(&self) -> Result<File> {
        let file = temporary_file()?;
        self.fetch(self.whole(), &file).map_err(|failed| explained(failed, &std::env::temp_dir()))?;
        Ok(file)
    }

    /// Makes the payload's file or folder at a path where nothing is.
    pub(super) fn to(&self, path: &Path) -> Outcome {
        let Some(files) = &self.record.files else { return self.write(self.whole(), path) };
        self.check_listing(files).map_err(Failed::Store)?;
        create_folder(path)?;
        for file in files {
            if let Some((folder, _)) = file.path.rsplit_once('/') {
                create_folder(&path.join(folder))?;
            }
        }
        let write = |file: &FileRecord| {
            let name = format!("{}/{}", self.record.file, file.path);
            let location = self.location.join(&file.path);
            let part = Part { name: &name, location: &location, size_bytes: file.size_bytes, digest: file.digest };
            self.write(part, &path.join(&file.path))
        };
        // Each large one comes by concurrent requests already, with as much memory as is good.
        let (small, large): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.size_bytes <= SMALL_BYTES);
        let is_interrupted = || self.root.settings.is_interrupted();
        let interrupted = || Failed::Store(Error::interrupted());
        parallel::each(small.len(), AT_ONCE, &is_interrupted, interrupted, |index| {
            small.get(index).map_or(Ok(()), |file| write(file))
        })?;
        large.into_iter().try_for_each(write)
    }

    /// Checks that a payload is there, by a small request.
    pub(super) fn check_presence(&self) -> Result<()> {
        let name = match &self.record.files {
            None => self.record.file.clone(),
            Some(files) => match files.first() {
                Some(file) => format!("{}/{}", self.record.file, file.path),
                None => return Ok(()),
            },
        };
        let found = self.root.objects.get_range(&name, 0..1).map_err(|error| self.root.fault(&error))?;
        found.map(drop).ok_or_else(|| Error::damaged(self.location, MISSING))
    }

    /// Checks the listing that the manifest has: whoever made it must not choose where its files go.
    fn check_listing(&self, files: &[FileRecord]) -> Result<()> {
        let is_inside = |file: &FileRecord| {
            !file.path.contains('\0') && file.path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        };
        if let Some(file) = files.iter().find(|file| !is_inside(file)) {
            return Err(Error::damaged(self.location, format!("{:?} can't be the name of a file in it", file.path)));
        }
        let content = Content::of_listing(files.to_vec());
        check_size(self.location, content.size_bytes, self.record.size_bytes)?;
        check_digest(self.location, content.digest, self.record.digest)
    }

    fn write(&self, part: Part<'_>, path: &Path) -> Outcome {
        let disk = |operation: &str, error| Failed::Disk(Error::io(operation, path, error));
        let created = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path);
        let mut file = created.map_err(|error| disk("create", error))?;
        if part.size_bytes > SMALL_BYTES {
            return self.fetch(part, &file);
        }
        let bytes = self.get(part).map_err(Failed::Store)?;
        io::Write::write_all(&mut file, &bytes).map_err(|error| disk("write", error))
    }

    /// Gets an object with one request.
    fn get(&self, part: Part<'_>) -> Result<Vec<u8>> {
        let mut tries = 0;
        loop {
            tries += 1;
            // One byte more shows that the object is larger, without reading all of it.
            let found = self.root.objects.get_range(part.name, 0..part.size_bytes.saturating_add(1));
            let found = found.map_err(|error| self.root.fault(&error))?;
            let bytes = found.ok_or_else(|| Error::damaged(part.location, MISSING))?;
            let is_longer = bytes.len() as u64 > part.size_bytes;
            let checked = if is_longer {
                Err(Error::damaged(
                    part.location,
                    format!("it has more bytes than the {} that were committed", part.size_bytes),
                ))
            } else {
                part.check(bytes.len() as u64, || Ok(Digest::of(&bytes)))
            };
            match checked {
                Err(_) if tries < TRIES => {}
                checked => return checked.map(|()| bytes),
            }
        }
    }

    /// Gets an object by concurrent requests into a file.
    fn fetch(&self, part: Part<'_>, file: &File) -> Outcome {
        reserve(file, part.size_bytes).map_err(Failed::Disk)?;
        let mut tries = 0;
        loop {
            tries += 1;
            let fetched = self.root.objects.fetch(part.name, file).map_err(|error| match error.kind() {
                persistable_objects::ErrorKind::LocalFile | persistable_objects::ErrorKind::Full => {
                    let kind = if error.kind() == persistable_objects::ErrorKind::Full {
                        ErrorKind::Full
                    } else {
                        ErrorKind::Unavailable
                    };
                    Failed::Disk(Error::new(kind, error.to_string()))
                }
                _ => Failed::Store(self.root.fault(&error)),
            })?;
            let fetched = fetched.ok_or_else(|| Failed::Store(Error::damaged(part.location, MISSING)))?;
            let digested = Digest::of_open_file(file).map_err(|error| {
                Failed::Disk(Error::new(ErrorKind::Unavailable, "could not read what was downloaded").caused_by(error))
            })?;
            match part.check(fetched.size, || Ok(digested.0)) {
                Err(_) if tries < TRIES => {}
                checked => return checked.map_err(Failed::Store),
            }
        }
    }
}

const MISSING: &str = "it is missing";

impl Part<'_> {
    fn check(&self, size_bytes: u64, digest: impl FnOnce() -> Result<Digest>) -> Result<()> {
        check_size(self.location, size_bytes, self.size_bytes)?;
        check_digest(self.location, digest()?, self.digest)
    }
}

/// Takes room for a file, so that a full disk is known before the download.
fn reserve(file: &File, bytes: u64) -> Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Err(error @ (rustix::io::Errno::NOSPC | rustix::io::Errno::DQUOT)) => {
            Err(Error::new(ErrorKind::Full, "there is no room for a download").caused_by(io::Error::from(error)))
        }
        // Not every file system can do that.
        _ => Ok(()),
    }
}

fn create_folder(path: &Path) -> Outcome {
    let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
    created.map_err(|error| Failed::Disk(Error::io("create the folder", path, error)))
}
