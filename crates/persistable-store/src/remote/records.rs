//! Records that many manifests share, by their digest. Nothing needs them.

use persistable_objects::{Got, Only};

use super::names;
use super::root::{Fence, Root};
use crate::error::Result;
use crate::format::Digest;

/// Keeps a record, once in a process.
pub(super) fn keep(root: &Root, digest: Digest, record: &[u8]) -> Result<()> {
    if root.objects.is_read_only() || root.records.with(|records| records.contains(&digest)) {
        return Ok(());
    }
    let only = match root.fence()? {
        Fence::Full | Fence::Create => Only::IfAbsent,
        Fence::None => Only::Always,
    };
    root.put(&names::record(digest), record, &only)?;
    root.records.with(|records| records.insert(digest));
    Ok(())
}

/// Returns a record, unless it is lost.
pub(super) fn kept(root: &Root, digest: Digest) -> Result<Option<Vec<u8>>> {
    Ok(match root.get(&names::record(digest), None)? {
        Got::Found(found) => Some(found.bytes),
        Got::Absent | Got::Same => None,
    })
}
