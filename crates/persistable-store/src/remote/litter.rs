//! What is not needed any more: replaced payloads, and what holders left behind that died.
//!
//! It is deleted only after one's own commit. Then no earlier holder can commit any more, so nobody needs what it wrote.

use std::ops::ControlFlow;

use persistable_objects::UploadId;

use super::body::Litter;
use super::names;
use super::own_lease::OwnLease;
use super::root::{Fence, Root};
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
pub(super) fn clean(lease: &OwnLease, committed: &str) {
    let root = &lease.root;
    let all = lease.litter();
    if !all.iter().all(|litter| committed.starts_with(&litter.name)) {
        // Where somebody died, files under temporary names may be left as well. The next one who finds something looks again.
        let _ = root.objects.sweep("").and_then(|()| root.objects.sweep(names::LEASES));
    }
    for litter in all {
        // What an object says must not make this delete anything else.
        let file = litter.name.split('/').next().unwrap_or_default();
        let is_own = match litter.upload {
            Some(_) => owns_payload_file(&lease.stem, file),
            None => names::is_fresh_payload(&lease.stem, &litter.name),
        };
        let is_needed = committed.starts_with(&litter.name) && litter.upload.is_none();
        if !is_own || is_needed || delete(root, &litter).is_ok() {
            lease.forget(|other| *other == litter);
        }
    }
}

/// Lists the objects of all payloads but the own one, if an earlier holder may have left some behind: it died, or does not know how
/// its commit ended. Such a holder may also have replaced a payload that it could not delete any more.
///
/// They may be deleted after the own commit, if they were listed before it. A payload that is uploaded later may be one of a
/// successor.
pub(super) fn strays(lease: &OwnLease, own: &str) -> Vec<String> {
    let (root, stem) = (&lease.root, &lease.stem);
    let is_clean = lease.litter().iter().all(|litter| litter.name.starts_with(own));
    if is_clean || root.fence().is_ok_and(|fence| fence == Fence::None) {
        return Vec::new();
    }
    let mut objects = Vec::new();
    let listed = root.objects.list(&names::payloads(stem), None, &mut |entries| {
        objects.extend(entries.into_iter().map(|entry| entry.name));
        ControlFlow::Continue(())
    });
    let is_stray = |name: &String| {
        let file = name.split('/').next().unwrap_or_default();
        owns_payload_file(stem, file) && !name.starts_with(own)
    };
    objects.retain(is_stray);
    // If they can't be listed, the lease still tells of them.
    if listed.is_ok() { objects } else { Vec::new() }
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
    root.delete(&objects)?;
    root.objects.clear(&litter.name).map_err(|error| root.fault(&error))
}
