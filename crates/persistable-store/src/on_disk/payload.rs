//! Payloads as they lie on the disk.

use std::fs::{File, Metadata};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{copy_tree, open_error, open_payload, read_sized};
use super::folder::check_folder;
use super::links::{Through, or_not_fetched};
use super::site::Site;
use super::verified::{Stamp, Verified};
use crate::digesting::digest_file;
use crate::error::{Context, Error, Result};
use crate::format::Digest;
use crate::medium::System;
use crate::payload::{Mapped, MappedCopy, Payload, PayloadBytes, PayloadRequest, PrivateBytes};
use crate::scratch::Scratch;
use crate::settings::Verification;
use crate::tree::{Links, content_of};
use crate::trust::Care;

/// From this size on, mapping a file that is to be decoded at once saves a copy worth more than its page faults.
const MAP_BYTES: u64 = 1 << 20;
/// From this size on, mapping a file copy-on-write costs less than reading it, though its pages will be written to.
const MAP_PRIVATE_BYTES: u64 = 256 << 10;

const NOT_THE_FOLDER: &str = "it is not the folder that was committed";

/// A payload's file or folder.
#[derive(Debug)]
pub(crate) struct OnDisk<P> {
    site: Arc<P>,
    path: PathBuf,
    /// A verified copy of what others can write to.
    copy: Option<(PathBuf, Scratch)>,
}

impl<P: Site> OnDisk<P> {
    pub(crate) fn new(site: Arc<P>, path: PathBuf) -> Self {
        Self { site, path, copy: None }
    }

    fn open(&self, request: &PayloadRequest) -> Result<Opened> {
        let (file, metadata, through) = open_payload(self.site.medium(), &self.path, self.site.links())?;
        let care = care_of(&*self.site, request, &self.path, &metadata)?;
        request.check_size(&self.path, metadata.len())?;
        Ok(Opened { file, metadata, care, through })
    }

    fn check_bytes(&self, request: &PayloadRequest, opened: &Opened, bytes: &[u8], mapped: bool) -> Result<()> {
        request.check_size(&self.path, bytes.len() as u64)?;
        let check = || request.check_digest(&self.path, Digest::of(bytes));
        match opened.care {
            Care::InPlace => verify(&*self.site, request, &[&opened.metadata], mapped, check),
            Care::FromCopy => check(),
        }
    }

    /// Makes a copy among this account's temporary files, where nobody else can write, and verifies it.
    fn verified_copy(&self, request: &PayloadRequest) -> Result<(PathBuf, Scratch)> {
        let scratch = Scratch::new()?;
        let path = scratch.path().join(&request.record.file);
        copy_tree(self.site.medium(), &self.path, &path, self.site.links())?;
        request.check_digest(Path::new(&request.record.file), content_of(&System, &path)?.digest)?;
        Ok((path, scratch))
    }

    /// Checks what is at the path, and says how to read it.
    ///
    /// One's own files can't be changed by others afterwards, nor can what is in one's own folder. But whoever may write to
    /// the data folder itself can put something else at the path before it is read. A reader by path can't be kept from
    /// that; readers of bytes are.
    fn check_path(&self, request: &PayloadRequest) -> Result<Care> {
        let Some(files) = &request.record.files else { return self.check_file(request) };
        let medium = self.site.medium();
        let care = match medium.metadata(&self.path) {
            Ok(metadata) if metadata.is_dir() => care_of(&*self.site, request, &self.path, &metadata)?,
            Ok(_) => return Err(Error::damaged(&self.path, NOT_THE_FOLDER)),
            Err(error) => return Err(open_error(medium, &self.path, error)),
        };
        if care == Care::FromCopy {
            return Ok(care);
        }
        check_folder(medium, &self.path, request, files, self.site.links(), |files, check| {
            verify(&*self.site, request, files, false, check)
        })
    }

    fn or_not_fetched(&self, error: Error) -> Error {
        match self.site.links() {
            Links::Followed => or_not_fetched(self.site.medium(), error),
            Links::Refused => error,
        }
    }

    fn check_file(&self, request: &PayloadRequest) -> Result<Care> {
        let mut opened = self.open(request)?;
        if opened.care == Care::InPlace {
            verify(&*self.site, request, &[&opened.metadata], false, || {
                let (digest, _) = digest_file(&mut opened.file, &self.path)?;
                request.check_digest(&self.path, digest)
            })?;
        }
        // What a link leads to can be exchanged by whoever may write there.
        if request.guard.is_some() && opened.through == Through::Link {
            return Ok(Care::FromCopy);
        }
        Ok(opened.care)
    }
}

impl<P: Site> Payload for OnDisk<P> {
    fn bytes(&self, request: &PayloadRequest, mapped: bool) -> Result<PayloadBytes> {
        let read = || {
            let mut opened = self.open(request)?;
            let bytes = opened.bytes(&self.path, mapped)?;
            self.check_bytes(request, &opened, &bytes, mapped)?;
            Ok(bytes)
        };
        read().map_err(|error| self.or_not_fetched(error))
    }

    fn private_bytes(&self, request: &PayloadRequest) -> Result<PrivateBytes> {
        let read = || {
            let mut opened = self.open(request)?;
            let bytes = opened.private_bytes(&self.path)?;
            self.check_bytes(request, &opened, &bytes, matches!(bytes, PrivateBytes::Mapped(_)))?;
            Ok(bytes)
        };
        read().map_err(|error| self.or_not_fetched(error))
    }

    fn path(&mut self, request: &PayloadRequest) -> Result<PathBuf> {
        if self.copy.is_none() {
            let care = self.check_path(request).map_err(|error| self.or_not_fetched(error))?;
            if care == Care::FromCopy {
                self.copy = Some(self.verified_copy(request).map_err(|error| self.or_not_fetched(error))?);
            }
        }
        Ok(self.copy.as_ref().map_or(&self.path, |(path, _)| path).clone())
    }

    fn check_is_folder(&self) -> Result<()> {
        match self.site.medium().metadata(&self.path) {
            Ok(found) if found.is_dir() => Ok(()),
            _ => Err(Error::damaged(&self.path, NOT_THE_FOLDER)),
        }
    }

    fn find_damage(&self, request: &PayloadRequest) -> Result<()> {
        let request = PayloadRequest { verification: Verification::Always, guard: None, ..request.clone() };
        self.check_path(&request).map(drop).map_err(|error| self.or_not_fetched(error))
    }
}

/// Judges the payload's file or folder, where it may hold code.
fn care_of(site: &dyn Site, request: &PayloadRequest, path: &Path, metadata: &Metadata) -> Result<Care> {
    let Some(guard) = &request.guard else { return Ok(Care::InPlace) };
    guard.admit(path, &site.author(metadata, &request.record))
}

/// Runs `check` unless the setting or an earlier verification of these very files spares it.
fn verify(
    site: &dyn Site,
    request: &PayloadRequest,
    files: &[&Metadata],
    mapped: bool,
    check: impl FnOnce() -> Result<()>,
) -> Result<()> {
    match request.verification.resolve(mapped) {
        Verification::Never => Ok(()),
        Verification::OncePerFile => {
            let stamp = Stamp::new(request.record.digest, files.iter().copied());
            let verified = Verified::of_payload(site, &request.record);
            if verified.knows(&stamp) {
                return Ok(());
            }
            check()?;
            verified.remember(&stamp);
            Ok(())
        }
        Verification::Always | Verification::Default => check(),
    }
}

/// A payload's file, open.
#[derive(Debug)]
pub(crate) struct Opened {
    file: File,
    metadata: Metadata,
    care: Care,
    through: Through,
}

impl Opened {
    /// Describes a file that nobody else can write to, to be read from its begin.
    pub(crate) fn of_own(mut file: File) -> io::Result<Self> {
        file.rewind()?;
        let metadata = file.metadata()?;
        Ok(Self { file, metadata, care: Care::InPlace, through: Through::Path })
    }

    /// Maps or reads the file.
    pub(crate) fn bytes(&mut self, path: &Path, mapped: bool) -> Result<PayloadBytes> {
        if self.care == Care::InPlace && (mapped || self.len() >= MAP_BYTES) {
            return Ok(PayloadBytes::Mapped(Mapped::new(&self.file).context("map", path)?));
        }
        self.read(path).map(PayloadBytes::Owned)
    }

    /// Maps or reads the file, to be written to.
    pub(crate) fn private_bytes(&mut self, path: &Path) -> Result<PrivateBytes> {
        let is_mappable = self.care == Care::InPlace && self.len() >= MAP_PRIVATE_BYTES;
        // Not every file system maps files, and what can't be mapped can be read.
        match is_mappable.then(|| MappedCopy::new(&self.file)) {
            Some(Ok(mapped)) => Ok(PrivateBytes::Mapped(mapped)),
            Some(Err(_)) | None => self.read(path).map(PrivateBytes::Owned),
        }
    }

    fn len(&self) -> u64 {
        self.metadata.len()
    }

    fn read(&mut self, path: &Path) -> Result<Vec<u8>> {
        let size_bytes = self.len();
        read_sized(&mut self.file, size_bytes).context("read", path)
    }
}
