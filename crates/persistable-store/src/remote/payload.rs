//! Payloads in a store of objects, to be read.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::names;
use super::root::Root;
use crate::backend::{Author, Payload, PayloadRequest};
use crate::error::{Context, Error, Result};
use crate::format::Digest;
use crate::location::Location;
use crate::medium::System;
use crate::payload::{Mapped, MappedCopy, PayloadBytes, PrivateBytes};
use crate::scratch::Scratch;
use crate::settings::Verification;
use crate::tree::content_of;

/// Smaller payloads are read, and not mapped.
const LEAST_MAPPED_BYTES: u64 = 256 << 10;

/// Opens a payload. It is downloaded when it is read.
pub(super) fn open(root: &Arc<Root>, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
    Ok(Box::new(Downloaded { root: Arc::clone(root), location: root.location.join(&request.record.file), copy: None }))
}

/// A payload that is downloaded into a file without a name, or into a folder that goes with this value.
#[derive(Debug)]
struct Downloaded {
    root: Arc<Root>,
    location: Location,
    copy: Option<(PathBuf, Scratch)>,
}

impl Downloaded {
    fn admit(&self, request: &PayloadRequest) -> Result<()> {
        let Some(guard) = &request.guard else { return Ok(()) };
        let author = Author::Foreign("anybody who can write to this store may have written it".to_owned());
        guard.admit(&self.location, &author).map(drop)
    }

    fn fetch(&self, name: &str, to: &File) -> Result<u64> {
        let fetched = self.root.objects.fetch(name, to).map_err(|error| self.root.fault(&error))?;
        let missing = || Error::damaged(self.root.location.join(name), "it is missing");
        Ok(fetched.ok_or_else(missing)?.size)
    }

    /// Downloads a payload of one file, and verifies it.
    fn file(&self, request: &PayloadRequest) -> Result<File> {
        let temporary = std::env::temp_dir();
        let file = tempfile::tempfile().context("create a file in", &temporary)?;
        let size = self.fetch(&request.record.file, &file)?;
        request.check_size(&self.location, size)?;
        if request.verification != Verification::Never {
            let (digest, _) = Digest::of_open_file(&file).context("read the download in", &temporary)?;
            request.check_digest(&self.location, digest)?;
        }
        Ok(file)
    }

    fn download(&self, request: &PayloadRequest) -> Result<(PathBuf, Scratch)> {
        let scratch = Scratch::new()?;
        let path = scratch.path().join(&request.record.file);
        match &request.record.files {
            None => self.fetch(&request.record.file, &create(&path)?).map(drop)?,
            Some(files) => {
                fs::create_dir(&path).context("create the folder", &path)?;
                for file in files {
                    let to = path.join(&file.path);
                    let parent = to.parent().unwrap_or(&path);
                    fs::create_dir_all(parent).context("create the folder", parent)?;
                    self.fetch(&names::inside(&request.record.file, &file.path), &create(&to)?)?;
                }
            }
        }
        let content = content_of(&System, &path)?;
        request.check_size(&self.location, content.size_bytes)?;
        request.check_digest(&self.location, content.digest)?;
        Ok((path, scratch))
    }
}

fn create(path: &Path) -> Result<File> {
    File::options().read(true).write(true).create_new(true).open(path).context("create", path)
}

fn read(mut file: &File, size_bytes: u64) -> Result<Vec<u8>> {
    use std::io::Seek;
    let mut bytes = Vec::with_capacity(usize::try_from(size_bytes).unwrap_or_default());
    let path = std::env::temp_dir();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).context("read the download in", &path)?;
    Ok(bytes)
}

impl Payload for Downloaded {
    fn bytes(&self, request: &PayloadRequest, mapped: bool) -> Result<PayloadBytes> {
        self.admit(request)?;
        let file = self.file(request)?;
        let size = request.record.size_bytes;
        if mapped && size >= LEAST_MAPPED_BYTES {
            return Mapped::new(&file).map(PayloadBytes::Mapped).context("map the download in", &std::env::temp_dir());
        }
        read(&file, size).map(PayloadBytes::Owned)
    }

    fn private_bytes(&self, request: &PayloadRequest) -> Result<PrivateBytes> {
        self.admit(request)?;
        let file = self.file(request)?;
        let size = request.record.size_bytes;
        if size >= LEAST_MAPPED_BYTES {
            let temporary = std::env::temp_dir();
            return MappedCopy::new(&file).map(PrivateBytes::Mapped).context("map the download in", &temporary);
        }
        read(&file, size).map(PrivateBytes::Owned)
    }

    fn path(&mut self, request: &PayloadRequest) -> Result<PathBuf> {
        self.admit(request)?;
        let copy = match self.copy.take() {
            Some(copy) => copy,
            None => self.download(request)?,
        };
        Ok(self.copy.insert(copy).0.clone())
    }

    fn find_damage(&self, request: &PayloadRequest) -> Result<()> {
        self.download(request).map(drop)
    }
}
