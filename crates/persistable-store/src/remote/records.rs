//! Records that many manifests share, by their digest. Nothing needs them.

use persistable_objects::{Got, Only};

use super::names;
use super::root::{Fence, Root};
use crate::error::Result;
use crate::format::Digest;

/// Keeps a record, as far as possible, once in a process.
pub(super) fn keep(root: &Root, digest: Digest, record: &[u8]) {
    if root.objects.is_read_only() || !root.records.with(|records| records.insert(digest)) {
        return;
    }
    let only = match root.fence() {
        Ok(Fence::Full | Fence::Create) => Only::IfAbsent,
        Ok(Fence::None) => Only::Always,
        Err(_) => return,
    };
    if let Err(error) = root.put(&names::record(digest), record, &only) {
        root.records.with(|records| records.remove(&digest)); // It is tried again.
        let store = root.objects.location();
        tracing::debug!(target: "persistable", store, "could not keep a record: {error}");
    }
}

/// Returns a record, unless it is lost.
pub(super) fn kept(root: &Root, digest: Digest) -> Result<Option<Vec<u8>>> {
    Ok(match root.get(&names::record(digest), None)? {
        Got::Found(found) => Some(found.bytes),
        Got::Absent | Got::Same => None,
    })
}
