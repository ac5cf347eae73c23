//! Reading a payload, with verification.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bytes::{PayloadBytes, PrivateBytes};
use crate::content::{Content, listing, regular_files};
use crate::digest::Digest;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::manifest::{FileRecord, PayloadRecord};
use crate::map::{Mapped, MappedCopy};
use crate::memory::MemoryFiles;
use crate::os;
use crate::settings::Verification;
use crate::staging::StagingArea;
use crate::trust::{Care, Guard};
use crate::verified::{Stamp, Verified};

/// From this size on, mapping a file that is to be decoded at once saves a copy worth more than its page faults.
const MAP_BYTES: u64 = 1 << 20;
/// From this size on, mapping a file copy-on-write costs less than reading it, though its pages will be written to.
const MAP_PRIVATE_BYTES: u64 = 256 << 10;

const NOT_THE_FOLDER: &str = "it is not the folder that was committed";

/// A persisted payload, ready to be read as [bytes](Self::bytes), [mapped](Self::map), [mapped privately](Self::map_private)
/// or by its [path](Self::path).
///
/// Whichever way it is read, what is handed out was compared with the digest in the manifest, as far as
/// [`Verification`] asks for.
#[derive(Debug)]
pub struct StoredPayload {
    record: PayloadRecord,
    place: PayloadPlace,
    verification: Verification,
    /// Where the payload may hold code.
    guard: Option<Guard>,
    /// A verified copy on disk, of what is in memory or of what others can write to.
    copy: Option<(PathBuf, StagingArea)>,
    refusal: Option<Refusal>,
    is_read_by_path: bool,
}

#[derive(Debug)]
struct Refusal {
    kind: ErrorKind,
    path: PathBuf,
    message: String,
}

#[derive(Debug)]
pub(crate) enum PayloadPlace {
    Folder { path: PathBuf },
    Memory { files: Arc<MemoryFiles> },
}

impl StoredPayload {
    pub(crate) fn new(
        record: PayloadRecord,
        place: PayloadPlace,
        verification: Verification,
        guard: Option<Guard>,
    ) -> Self {
        Self { record, place, verification, guard, copy: None, refusal: None, is_read_by_path: false }
    }

    /// Returns what the manifest says of the payload.
    #[must_use]
    pub fn record(&self) -> &PayloadRecord {
        &self.record
    }

    /// Returns why the payload was not handed out, also when the reader swallowed the error: damage, or lack of trust.
    #[must_use]
    pub fn refusal(&self) -> Option<Error> {
        let Refusal { kind, path, message } = self.refusal.as_ref()?;
        Some(Error::at(*kind, path, message.clone()))
    }

    /// Returns whether [`path`](Self::path) was asked for: what was read by it has to be looked at once more.
    #[must_use]
    pub fn is_read_by_path(&self) -> bool {
        self.is_read_by_path
    }

    /// Returns the payload's bytes, to be decoded now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when they are not what was committed, [`ErrorKind::InvalidPayload`] when the payload is a
    /// folder, and the errors of reading.
    pub fn bytes(&mut self) -> Result<PayloadBytes> {
        self.read_file(|this, path| this.file_bytes(path, false), PayloadBytes::Shared)
    }

    /// Returns the payload's bytes, to be used as they lie in the file: mapped into memory where the store is a folder.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn map(&mut self) -> Result<PayloadBytes> {
        self.read_file(|this, path| this.file_bytes(path, true), PayloadBytes::Shared)
    }

    /// Returns the payload's bytes, to be used and also written to: mapped copy-on-write where the store is a folder and
    /// the file is not small. The file stays as it is.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn map_private(&mut self) -> Result<PrivateBytes> {
        self.read_file(Self::private_bytes, |bytes| PrivateBytes::Owned(bytes.to_vec()))
    }

    /// Returns the path of the payload's file or folder, or of a copy that ends with this value. It has to be left as it is.
    ///
    /// The payload may be replaced between this check and the reading of the path, or amid the files of a folder. So a
    /// reader by path asks [`Artifact::may_have_changed`](crate::Artifact::may_have_changed) when it has read everything,
    /// and begins again with looking the artifact up where it may.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when what is there is not what was committed, and the errors of reading.
    pub fn path(&mut self) -> Result<&Path> {
        self.is_read_by_path = true;
        let checked = self.check_path();
        self.note(checked)?;
        match (&self.copy, &self.place) {
            (Some((path, _)), _) | (None, PayloadPlace::Folder { path }) => Ok(path),
            (None, PayloadPlace::Memory { .. }) => {
                Err(Error::new(ErrorKind::Unavailable, "the payload was not unpacked"))
            }
        }
    }

    fn read_file<B>(
        &mut self,
        of_file: impl FnOnce(&Self, &Path) -> Result<B>,
        of_shared: impl FnOnce(Arc<[u8]>) -> B,
    ) -> Result<B> {
        if self.record.files.is_some() {
            let refused = self.refuse_folder();
            return self.note(Err(refused));
        }
        let read = match &self.place {
            PayloadPlace::Memory { files } => self.shared_bytes(files).map(of_shared),
            PayloadPlace::Folder { path } => of_file(self, path),
        };
        self.note(read)
    }

    /// Says why a payload that is a folder, or should be one, is not read as bytes.
    fn refuse_folder(&self) -> Error {
        match &self.place {
            PayloadPlace::Folder { path } if !std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) => {
                Error::damaged(path, NOT_THE_FOLDER)
            }
            _ => Error::new(
                ErrorKind::InvalidPayload,
                format!("{} is a folder: it is read by its path, not as bytes", self.record.file),
            ),
        }
    }

    /// Keeps in mind why the payload was refused, for readers that swallow errors.
    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        let result =
            result.map_err(|error| if error.kind() == ErrorKind::Untrusted { self.damage_or(error) } else { error });
        if let Err(error) = &result
            && matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Untrusted)
        {
            let path = error.path().unwrap_or(Path::new(&self.record.file)).to_owned();
            let message = error.to_string();
            let message = message.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&message).to_owned();
            self.refusal = Some(Refusal { kind: error.kind(), path, message });
        }
        result
    }

    /// What nobody is to trust may be damaged as well. That is what matters then: there is nothing that could be kept.
    fn damage_or(&self, untrusted: Error) -> Error {
        let PayloadPlace::Folder { path } = &self.place else { return untrusted };
        let place = PayloadPlace::Folder { path: path.clone() };
        match Self::new(self.record.clone(), place, Verification::Always, None).check_path() {
            Err(error) if error.kind() == ErrorKind::Damaged => error,
            _ => untrusted,
        }
    }

    fn shared_bytes(&self, files: &MemoryFiles) -> Result<Arc<[u8]>> {
        let at = Path::new(&self.record.file);
        let bytes = files.get("").ok_or_else(|| Error::damaged(at, "it is missing"))?;
        check_size(at, bytes.len() as u64, self.record.size_bytes)?;
        if self.verification.resolve(true) == Verification::Always {
            check_digest(at, Digest::of(bytes), self.record.digest)?;
        }
        Ok(Arc::clone(bytes))
    }

    fn file_bytes(&self, path: &Path, mapped: bool) -> Result<PayloadBytes> {
        let mut opened = self.open_file(path)?;
        let bytes = if opened.care == Care::InPlace && (mapped || opened.len() >= MAP_BYTES) {
            PayloadBytes::Mapped(Mapped::new(&opened.file).context("map", path)?)
        } else {
            PayloadBytes::Owned(opened.read(path)?)
        };
        self.check_bytes(path, &opened, &bytes, mapped)?;
        Ok(bytes)
    }

    fn private_bytes(&self, path: &Path) -> Result<PrivateBytes> {
        let mut opened = self.open_file(path)?;
        let is_mappable = opened.care == Care::InPlace && opened.len() >= MAP_PRIVATE_BYTES;
        // Not every file system maps files, and what can't be mapped can be read.
        let bytes = match is_mappable.then(|| MappedCopy::new(&opened.file)) {
            Some(Ok(mapped)) => PrivateBytes::Mapped(mapped),
            Some(Err(_)) | None => PrivateBytes::Owned(opened.read(path)?),
        };
        self.check_bytes(path, &opened, &bytes, matches!(bytes, PrivateBytes::Mapped(_)))?;
        Ok(bytes)
    }

    fn open_file(&self, path: &Path) -> Result<Opened> {
        let (file, metadata) = open_payload(path)?;
        let care = self.care(path, &metadata)?;
        check_size(path, metadata.len(), self.record.size_bytes)?;
        Ok(Opened { file, metadata, care })
    }

    fn check_bytes(&self, path: &Path, opened: &Opened, bytes: &[u8], mapped: bool) -> Result<()> {
        check_size(path, bytes.len() as u64, self.record.size_bytes)?;
        let check = || check_digest(path, Digest::of(bytes), self.record.digest);
        match opened.care {
            Care::InPlace => self.verify(path, &[&opened.metadata], mapped, check),
            Care::FromCopy => check(),
        }
    }

    /// Judges the payload's file or folder, where it may hold code.
    fn care(&self, path: &Path, metadata: &Metadata) -> Result<Care> {
        let Some(guard) = self.guard else { return Ok(Care::InPlace) };
        guard.of_payload(path, metadata, self.record.written.as_ref())
    }

    /// Runs `check` unless the setting or an earlier verification of these very files spares it.
    fn verify(&self, path: &Path, files: &[&Metadata], mapped: bool, check: impl FnOnce() -> Result<()>) -> Result<()> {
        match self.verification.resolve(mapped) {
            Verification::Never => Ok(()),
            Verification::OncePerFile => {
                let stamp = Stamp::new(self.record.digest, files.iter().copied());
                let verified = Verified::of_payload(path);
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

    fn check_path(&mut self) -> Result<()> {
        if self.copy.is_some() {
            return Ok(());
        }
        match &self.place {
            PayloadPlace::Memory { files } => self.copy = Some(self.verified_copy(|to| files.unpack(to))?),
            PayloadPlace::Folder { path } => {
                if self.check_disk(path)? == Care::FromCopy {
                    self.copy = Some(self.verified_copy(|to| copy_tree(path, to))?);
                }
            }
        }
        Ok(())
    }

    /// Makes a copy among this account's temporary files, where nobody else can write, and verifies it.
    fn verified_copy(&self, copy_to: impl FnOnce(&Path) -> Result<()>) -> Result<(PathBuf, StagingArea)> {
        let folder = StagingArea::scratch()?;
        let path = folder.path().join(&self.record.file);
        copy_to(&path)?;
        let content = Content::of_path(&path)?;
        check_digest(Path::new(&self.record.file), content.digest, self.record.digest)?;
        Ok((path, folder))
    }

    /// Checks what is at the path, and says how to read it.
    ///
    /// One's own files can't be changed by others afterwards, nor can what is in one's own folder. But whoever may write to
    /// the data folder itself can put something else at the path before it is read. A reader by path can't be kept from
    /// that; readers of bytes are.
    fn check_disk(&self, path: &Path) -> Result<Care> {
        if let Some(files) = &self.record.files {
            return self.check_folder(path, files);
        }
        let mut opened = self.open_file(path)?;
        if opened.care == Care::InPlace {
            self.verify(path, &[&opened.metadata], false, || {
                let (digest, _) = Digest::of_file(&mut opened.file, path)?;
                check_digest(path, digest, self.record.digest)
            })?;
        }
        Ok(opened.care)
    }

    fn check_folder(&self, path: &Path, files: &[FileRecord]) -> Result<Care> {
        let care = match std::fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.care(path, &metadata)?,
            Ok(_) => return Err(Error::damaged(path, NOT_THE_FOLDER)),
            Err(error) => return Err(open_error(path, error)),
        };
        if care == Care::FromCopy {
            return Ok(care);
        }
        let mut care_of_parts = Care::InPlace;
        let look_at_part = |path: &Path| match self.guard {
            Some(guard) => {
                let metadata = std::fs::symlink_metadata(path).context("look at", path)?;
                care_of_parts = care_of_parts.max(guard.of_part(path, &metadata)?);
                Ok(())
            }
            None => Ok(()),
        };
        let found = listing(path, look_at_part).map_err(|error| match error.kind() {
            ErrorKind::InvalidPayload => Error::damaged(path, error.to_string()),
            // Listed and gone: the folder is being replaced or removed.
            _ if error.is_missing() => Error::damaged(path, "a part of it is missing"),
            _ => error,
        })?;
        if !found.iter().map(|(name, _)| name).eq(files.iter().map(|file| &file.path)) {
            return Err(Error::damaged(path, "its files are not those that were committed"));
        }
        let size_bytes = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size_bytes));
        check_size(path, size_bytes, self.record.size_bytes)?;
        let mut looked_at = Vec::with_capacity(found.len());
        for ((_, path), record) in found.iter().zip(files) {
            let (file, metadata) = open_payload(path)?;
            drop(file); // A folder may hold more files than a process may have open.
            if let Some(guard) = self.guard {
                care_of_parts = care_of_parts.max(guard.of_part(path, &metadata)?);
            }
            check_size(path, metadata.len(), record.size_bytes)?;
            looked_at.push(metadata);
        }
        if care_of_parts == Care::FromCopy {
            return Ok(care_of_parts);
        }
        let metadata: Vec<&Metadata> = looked_at.iter().collect();
        self.verify(path, &metadata, false, || {
            for (((_, path), record), looked_at) in found.iter().zip(files).zip(&looked_at) {
                let (mut file, now) = open_payload(path)?;
                if !os::same_file(&now, looked_at) {
                    return Err(Error::damaged(path, "it was replaced while it was read"));
                }
                let (digest, _) = Digest::of_file(&mut file, path)?;
                check_digest(path, digest, record.digest)?;
            }
            let listing = Content::of_listing(files.to_vec());
            check_digest(path, listing.digest, self.record.digest)
        })?;
        Ok(care)
    }
}

/// A payload's file, open.
struct Opened {
    file: File,
    metadata: Metadata,
    care: Care,
}

impl Opened {
    fn len(&self) -> u64 {
        self.metadata.len()
    }

    fn read(&mut self, path: &Path) -> Result<Vec<u8>> {
        let size_bytes = self.len();
        read_sized(&mut self.file, size_bytes).context("read", path)
    }
}

/// Copies a payload to where nothing is yet.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    if !std::fs::symlink_metadata(from).map_err(|error| open_error(from, error))?.is_dir() {
        return copy_file(from, to);
    }
    std::fs::create_dir(to).context("create the folder", to)?;
    for (relative, path) in regular_files(from)? {
        let copy = to.join(relative);
        let parent = copy.parent().unwrap_or(to);
        std::fs::create_dir_all(parent).context("create the folder", parent)?;
        copy_file(&path, &copy)?;
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let (mut file, _) = open_payload(from)?;
    let mut copy = os::create_own(to).context("create", to)?;
    io::copy(&mut file, &mut copy).context("copy", from)?;
    Ok(())
}

fn open_payload(path: &Path) -> Result<(File, Metadata)> {
    let file = os::open_no_follow(path).map_err(|error| open_error(path, error))?;
    let metadata = file.metadata().context("look at", path)?;
    if metadata.is_file() { Ok((file, metadata)) } else { Err(Error::damaged(path, "it is not a regular file")) }
}

/// A payload that its manifest names and that isn't there is damage, not a miss.
fn open_error(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::damaged(path, "it is missing"),
        _ if os::is_link(&error) => Error::damaged(path, "it is a symbolic link"),
        _ if os::is_no_file(path) => Error::damaged(path, "it is not a regular file"),
        _ => Error::io("open", path, error),
    }
}

fn read_sized(file: &mut File, size_bytes: u64) -> io::Result<Vec<u8>> {
    // A sparse file may claim any size: what is too much is an error, not the end of the process.
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(size_bytes).unwrap_or(usize::MAX)).map_err(io::Error::other)?;
    file.take(size_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn check_size(path: &Path, found: u64, committed: u64) -> Result<()> {
    if found == committed {
        return Ok(());
    }
    Err(Error::damaged(path, format!("it has {found} bytes, and {committed} were committed")))
}

fn check_digest(path: &Path, found: Digest, committed: Digest) -> Result<()> {
    if found == committed {
        return Ok(());
    }
    Err(Error::damaged(path, format!("its digest is {found}, and {committed} was committed")))
}
