//! Uploading a payload.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use persistable_objects::{Only, UploadId, until_told};

use super::names;
use super::own_lease::OwnLease;
use super::root::Root;
use crate::error::{Context, Error, Result};
use crate::format::{FileRecord, PayloadRecord};

/// Files up to this size are uploaded side by side. A larger one is sent in parts, side by side by itself.
const SMALL_BYTES: u64 = 8 << 20;
/// So many small files are uploaded at once: what is in memory is this times their size.
const MOST_AT_ONCE: usize = 8;

/// Where the payload is.
#[derive(Clone, Copy, Debug)]
pub(super) enum FileOrPath<'a> {
    File(&'a File),
    Path(&'a Path),
}

/// Uploads a payload under the name in its record.
pub(super) fn upload(
    root: &Root,
    lease: Option<&OwnLease>,
    record: &PayloadRecord,
    source: FileOrPath<'_>,
) -> Result<()> {
    match (source, &record.files) {
        (FileOrPath::File(file), _) => upload_file(root, lease, &record.file, file),
        (FileOrPath::Path(path), None) => upload_path(root, lease, &record.file, path),
        (FileOrPath::Path(path), Some(files)) => upload_folder(root, lease, &record.file, path, files),
    }
}

fn upload_path(root: &Root, lease: Option<&OwnLease>, name: &str, path: &Path) -> Result<()> {
    upload_file(root, lease, name, &File::open(path).context("open", path)?)
}

fn upload_file(root: &Root, lease: Option<&OwnLease>, name: &str, file: &File) -> Result<()> {
    let mut unnoted = None;
    let uploaded = root.objects.upload(name, file, &Only::Always, &mut |upload: &UploadId| {
        let Some(lease) = lease else { return Ok(()) };
        lease.note_upload(name, upload.as_str()).map_err(|error| {
            let message = format!("could not note the upload in the lease: {error}");
            let objects = persistable_objects::Error::new(persistable_objects::ErrorKind::Unavailable, message);
            unnoted = Some(error);
            objects
        })
    });
    match (uploaded, unnoted) {
        (Ok(_), _) => {
            // It is an object now.
            lease.inspect(|lease| lease.forget(|litter| litter.upload.is_some() && litter.name == name));
            Ok(())
        }
        (Err(_), Some(error)) => Err(error),
        (Err(error), None) => Err(root.fault(&error)),
    }
}

fn upload_folder(root: &Root, lease: Option<&OwnLease>, name: &str, folder: &Path, files: &[FileRecord]) -> Result<()> {
    let (small, large): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.size_bytes <= SMALL_BYTES);
    let send = |file: &FileRecord| upload_path(root, lease, &names::inside(name, &file.path), &folder.join(&file.path));
    side_by_side(&small, send)?;
    large.into_iter().try_for_each(send)
}

/// Does something with all of them, several at once. The first error ends it.
fn side_by_side<T: Sync>(all: &[&T], act: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let (next, is_over) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let failure: Mutex<Option<Error>> = Mutex::new(None);
    let work = || {
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !is_over.load(Ordering::Relaxed))
        {
            if let Err(error) = act(one) {
                failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                is_over.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..MOST_AT_ONCE.min(all.len()) {
            // Without another thread, this one does it all.
            let _ = std::thread::Builder::new().spawn_scoped(scope, || until_told(&is_over, work));
        }
        work(); // This thread asks the caller whether to stop, and tells the others.
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
