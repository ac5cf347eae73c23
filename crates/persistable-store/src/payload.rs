//! Reading a payload, with verification.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::content::{Content, regular_files};
use crate::digest::Digest;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::manifest::{FileRecord, PayloadRecord};
use crate::map::Mapped;
use crate::memory::MemoryFiles;
use crate::os;
use crate::settings::Verification;
use crate::staging::StagingArea;
use crate::verified::{Stamp, Verified};

/// From this size on, mapping a file that is to be decoded at once saves a copy worth more than its page faults.
const MAP_BYTES: u64 = 1 << 20;

/// A persisted payload, ready to be read as [bytes](Self::bytes), [mapped](Self::map) or by its [path](Self::path).
///
/// Whichever way it is read, what is handed out was compared with the digest in the manifest, as far as
/// [`Verification`] asks for.
#[derive(Debug)]
pub struct StoredPayload {
    record: PayloadRecord,
    place: PayloadPlace,
    verification: Verification,
    damage: Option<(PathBuf, String)>,
    is_read_by_path: bool,
}

#[derive(Debug)]
pub(crate) enum PayloadPlace {
    Folder { path: PathBuf },
    Memory { files: Arc<MemoryFiles>, unpacked: Option<(PathBuf, StagingArea)> },
}

/// The bytes of a payload.
#[derive(Debug)]
pub enum PayloadBytes {
    /// Read into memory.
    Owned(Vec<u8>),
    /// Shared with a memory store.
    Shared(Arc<[u8]>),
    /// Mapped from a file.
    Mapped(Mapped),
}

impl Deref for PayloadBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Shared(bytes) => bytes,
            Self::Mapped(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for PayloadBytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl StoredPayload {
    pub(crate) fn new(record: PayloadRecord, place: PayloadPlace, verification: Verification) -> Self {
        Self { record, place, verification, damage: None, is_read_by_path: false }
    }

    /// Returns what the manifest says of the payload.
    #[must_use]
    pub fn record(&self) -> &PayloadRecord {
        &self.record
    }

    /// Returns the damage that reading came upon, also when the reader swallowed the error.
    #[must_use]
    pub fn damage(&self) -> Option<Error> {
        self.damage.as_ref().map(|(path, message)| Error::damaged(path, message.clone()))
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
        self.read_file(false)
    }

    /// Returns the payload's bytes, to be used as they lie in the file: mapped into memory where the store is a folder.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn map(&mut self) -> Result<PayloadBytes> {
        self.read_file(true)
    }

    /// Returns the path of the payload's file or folder. It has to be left as it is.
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
        match &self.place {
            PayloadPlace::Folder { path } => Ok(path),
            PayloadPlace::Memory { unpacked: Some((path, _)), .. } => Ok(path),
            PayloadPlace::Memory { unpacked: None, .. } => {
                Err(Error::new(ErrorKind::Unavailable, "the payload was not unpacked"))
            }
        }
    }

    fn read_file(&mut self, mapped: bool) -> Result<PayloadBytes> {
        if self.record.files.is_some() {
            return Err(Error::new(
                ErrorKind::InvalidPayload,
                format!("{} is a folder: it is read by its path, not as bytes", self.record.file),
            ));
        }
        let read = match &self.place {
            PayloadPlace::Memory { files, .. } => self.shared_bytes(files),
            PayloadPlace::Folder { path } => self.file_bytes(path, mapped),
        };
        self.note(read)
    }

    /// Keeps the damage in mind, for readers that swallow errors.
    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && error.kind() == ErrorKind::Damaged
        {
            let path = error.path().unwrap_or(Path::new(&self.record.file)).to_owned();
            let message = error.to_string();
            let message = message.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&message).to_owned();
            self.damage = Some((path, message));
        }
        result
    }

    fn shared_bytes(&self, files: &MemoryFiles) -> Result<PayloadBytes> {
        let at = Path::new(&self.record.file);
        let bytes = files.get("").ok_or_else(|| Error::damaged(at, "it is missing"))?;
        check_size(at, bytes.len() as u64, self.record.size_bytes)?;
        if self.verification.resolve(true) == Verification::Always {
            check_digest(at, Digest::of(bytes), self.record.digest)?;
        }
        Ok(PayloadBytes::Shared(Arc::clone(bytes)))
    }

    fn file_bytes(&self, path: &Path, mapped: bool) -> Result<PayloadBytes> {
        let (mut file, metadata) = open_payload(path)?;
        check_size(path, metadata.len(), self.record.size_bytes)?;
        let bytes = if mapped || metadata.len() >= MAP_BYTES {
            PayloadBytes::Mapped(Mapped::new(&file).context("map", path)?)
        } else {
            PayloadBytes::Owned(read_sized(&mut file, metadata.len()).context("read", path)?)
        };
        check_size(path, bytes.len() as u64, self.record.size_bytes)?;
        let check = || check_digest(path, Digest::of(&bytes), self.record.digest);
        self.verify(path, &[&metadata], mapped, check)?;
        Ok(bytes)
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
        match &mut self.place {
            PayloadPlace::Memory { unpacked: Some(_), .. } => Ok(()),
            PayloadPlace::Memory { files, unpacked } => {
                let folder = StagingArea::scratch()?;
                let path = folder.path().join(&self.record.file);
                files.unpack(&path)?;
                let content = Content::of_path(&path)?;
                check_digest(&path, content.digest, self.record.digest)?;
                *unpacked = Some((path, folder));
                Ok(())
            }
            PayloadPlace::Folder { .. } => self.check_disk(),
        }
    }

    fn check_disk(&self) -> Result<()> {
        let PayloadPlace::Folder { path } = &self.place else { return Ok(()) };
        match &self.record.files {
            None => {
                let (mut file, metadata) = open_payload(path)?;
                check_size(path, metadata.len(), self.record.size_bytes)?;
                self.verify(path, &[&metadata], false, || {
                    let (digest, _) = Digest::of_file(&mut file, path)?;
                    check_digest(path, digest, self.record.digest)
                })
            }
            Some(files) => self.check_folder(path, files),
        }
    }

    fn check_folder(&self, path: &Path, files: &[FileRecord]) -> Result<()> {
        match std::fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(Error::damaged(path, "it is not the folder that was committed")),
            Err(error) => return Err(open_error(path, error)),
        }
        let found = regular_files(path).map_err(|error| match error.kind() {
            ErrorKind::InvalidPayload => Error::damaged(path, error.to_string()),
            // Listed and gone: the folder is being replaced or removed.
            _ if error.is_missing() => Error::damaged(path, "a part of it is missing"),
            _ => error,
        })?;
        if !found.iter().map(|(name, _)| name).eq(files.iter().map(|file| &file.path)) {
            return Err(Error::damaged(path, "its files are not those that were committed"));
        }
        let mut looked_at = Vec::with_capacity(found.len());
        for ((_, path), record) in found.iter().zip(files) {
            let (file, metadata) = open_payload(path)?;
            drop(file); // A folder may hold more files than a process may have open.
            check_size(path, metadata.len(), record.size_bytes)?;
            looked_at.push(metadata);
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
        })
    }
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
        _ => Error::io("open", path, error),
    }
}

fn read_sized(file: &mut File, size_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size_bytes).unwrap_or(usize::MAX));
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
