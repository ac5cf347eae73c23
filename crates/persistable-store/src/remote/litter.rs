//! What is not needed any more: replaced payloads, and what holders left behind that died.
//!
//! It is deleted only after one's own commit. Then no earlier holder can commit any more, so nobody needs what it wrote.

use std::ops::ControlFlow;

use persistable_objects::UploadId;

use super::body::Litter;
use super::held::Held;
use super::names;
use super::root::Root;
use crate::backend::owns_payload_file;
use crate::error::Result;
use crate::format::PayloadRecord;

/// Deletes payloads, by what manifests say of them.
pub(super) fn delete_payload<'a>(
    root: &Root,
    stem: &str,
    records: impl IntoIterator<Item = &'a PayloadRecord>,
) -> Result<()> {
    let mut objects = Vec::new();
    for record in records.into_iter().filter(|record| owns_payload_file(stem, &record.file)) {
        match &record.files {
            None => objects.push(record.file.clone()),
            Some(files) => objects.extend(files.iter().map(|file| names::inside(&record.file, &file.path))),
        }
    }
    root.delete(&objects)
}

/// Deletes what was left behind under a lease, but for the payload that was committed. What can't be deleted now stays noted.
pub(super) fn clean(held: &Held, committed: &str) {
    let root = &held.root;
    for litter in held.litter() {
        // What an object says must not make this delete anything else.
        let file = litter.name.split('/').next().unwrap_or_default();
        let is_own = match litter.upload {
            Some(_) => owns_payload_file(&held.stem, file),
            None => names::is_fresh_payload(&held.stem, &litter.name),
        };
        let is_needed = committed.starts_with(&litter.name) && litter.upload.is_none();
        if !is_own || is_needed || delete(root, &litter).is_ok() {
            held.forget(|other| *other == litter);
        }
    }
}

fn delete(root: &Root, litter: &Litter) -> Result<()> {
    if let Some(upload) = &litter.upload {
        let aborted = root.objects.abort(&litter.name, &UploadId::new(upload.as_str()));
        return aborted.map_err(|error| root.fault(&error));
    }
    let mut objects = Vec::new();
    let listed = root.objects.list(&litter.name, None, &mut |entries| {
        objects.extend(entries.into_iter().map(|entry| entry.name));
        ControlFlow::Continue(())
    });
    listed.map_err(|error| root.fault(&error))?;
    root.delete(&objects)
}
