//! What stored bytes consist of: their size, their digest, and for a folder its listing.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::digest::{Digest, digest_beside};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::manifest::FileRecord;
use crate::os;

/// Small writes are gathered up to this size.
const BUFFER_BYTES: usize = 1 << 20;
/// Large writes are digested and written side by side, in slices of this size.
const SLICE_BYTES: usize = 8 << 20;

#[derive(Debug)]
pub(crate) struct Content {
    pub size_bytes: u64,
    pub digest: Digest,
    pub files: Option<Vec<FileRecord>>,
}

impl Content {
    /// Describes a folder by its files, which have to be sorted by path.
    pub(crate) fn of_listing(files: Vec<FileRecord>) -> Self {
        Self {
            size_bytes: files.iter().map(|file| file.size_bytes).sum(),
            digest: Digest::of_listing(files.iter().map(|file| (file.path.as_str(), file.size_bytes, file.digest))),
            files: Some(files),
        }
    }

    /// Describes a file, or a folder of files, by reading all of it.
    pub(crate) fn of_path(path: &Path) -> Result<Self> {
        let metadata = fs::symlink_metadata(path).context("look at", path)?;
        if metadata.is_file() {
            let mut file = os::open_no_follow(path).context("open", path)?;
            let (digest, size_bytes) = Digest::of_file(&mut file, path)?;
            return Ok(Self { size_bytes, digest, files: None });
        }
        if !metadata.is_dir() {
            return Err(refused(path, "it is neither a file nor a folder"));
        }
        let mut files = Vec::new();
        for (relative, path) in regular_files(path)? {
            let mut file = os::open_no_follow(&path).context("open", &path)?;
            let (digest, size_bytes) = Digest::of_file(&mut file, &path)?;
            files.push(FileRecord::new(relative, size_bytes, digest));
        }
        Ok(Self::of_listing(files))
    }
}

/// Lists the files below a folder, sorted by their relative path.
///
/// Anything that is neither a folder nor a regular file is refused: a link would lead out of the artifact.
pub(crate) fn regular_files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    listing(folder, |_| Ok(()))
}

/// [Lists](regular_files) the files below a folder, having looked at each folder before what is in it.
pub(crate) fn listing(folder: &Path, mut look: impl FnMut(&Path) -> Result<()>) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, folder)) = pending.pop() {
        look(&folder)?;
        for entry in fs::read_dir(&folder).context("list", &folder)? {
            let entry = entry.context("list", &folder)?;
            let path = entry.path();
            let Ok(name) = entry.file_name().into_string() else {
                return Err(refused(&path, "its name is not valid Unicode"));
            };
            let kind = entry.file_type().context("look at", &path)?;
            if kind.is_dir() {
                pending.push((format!("{prefix}{name}/"), path));
            } else if kind.is_file() {
                found.push((prefix.clone() + &name, path));
            } else {
                return Err(refused(&path, "it is neither a file nor a folder"));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn refused(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::InvalidPayload, format!("{} can't be part of a payload: {why}", path.display()))
}

/// Completes what a payload IO wrote by its path: keeps others from writing to the file, or to all files and folders below
/// the folder, and makes them durable where that is asked for.
pub(crate) fn close_tree(path: &Path, is_synced: bool) -> Result<Metadata> {
    let metadata = fs::symlink_metadata(path).context("look at", path)?;
    os::keep_others_from_writing(path, &metadata);
    if metadata.is_dir() {
        for entry in fs::read_dir(path).context("list", path)? {
            close_tree(&entry.context("list", path)?.path(), is_synced)?;
        }
        if is_synced {
            os::sync_folder(path).context("sync", path)?;
        }
    } else if is_synced {
        File::open(path).and_then(|file| file.sync_data()).context("sync", path)?;
    }
    Ok(metadata)
}

/// Where a payload's bytes go when they are streamed.
#[derive(Debug)]
pub(crate) enum Sink {
    File(File),
    Memory(Vec<u8>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Memory(buffer) => buffer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Digests bytes on their way into a file, so that they needn't be read back.
#[derive(Debug)]
pub(crate) struct DigestWriter {
    sink: Sink,
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
    size_bytes: u64,
    /// Whether what is written will be waited for, and so had better reach the disk while the rest is written.
    is_to_be_synced: bool,
    /// Bytes that reached the sink but whose caller was told of an error must never be published.
    failed: bool,
}

impl DigestWriter {
    pub(crate) fn new(sink: Sink, is_to_be_synced: bool) -> Self {
        let hasher = blake3::Hasher::new();
        Self { sink, hasher, buffer: Vec::new(), size_bytes: 0, is_to_be_synced, failed: false }
    }

    fn write_out(&mut self, bytes: &[u8]) -> io::Result<()> {
        for slice in bytes.chunks(SLICE_BYTES) {
            let written = if slice.len() < BUFFER_BYTES {
                self.hasher.update(slice);
                self.sink.write_all(slice)
            } else {
                digest_beside(&mut self.hasher, slice, || self.sink.write_all(slice))
            };
            if let Err(error) = written {
                self.failed = true;
                return Err(error);
            }
            if let (Sink::File(file), true) = (&self.sink, self.is_to_be_synced && slice.len() >= BUFFER_BYTES) {
                os::begin_to_sync(file, self.size_bytes, slice.len() as u64);
            }
            self.size_bytes += slice.len() as u64;
        }
        Ok(())
    }

    fn write_buffer(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let written = self.write_out(&buffer);
        buffer.clear();
        self.buffer = buffer;
        written
    }

    pub(crate) fn finish(mut self) -> io::Result<(Sink, Content)> {
        self.write_buffer()?;
        if self.failed {
            return Err(io::Error::other("an earlier write of this payload failed"));
        }
        let content = Content { size_bytes: self.size_bytes, digest: Digest::from_hasher(&self.hasher), files: None };
        Ok((self.sink, content))
    }
}

impl Write for DigestWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.write_buffer()?;
        }
        if bytes.len() >= BUFFER_BYTES {
            self.write_out(bytes)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_buffer()
    }
}
