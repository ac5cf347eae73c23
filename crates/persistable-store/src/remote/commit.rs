//! The commit: a conditional put of the manifest.
//!
//! All who began at the same manifest compete in one atomic operation on it, so exactly one commits. The manifest holds its commit
//! id, so that a lost answer is cleared up by reading: no commit is refused by itself.

use persistable_objects::{Only, Put, Version};

use super::base::{Base, base_of, found, look, version_of};
use super::own_lease::OwnLease;
use super::remote_store::RemoteStore;
use super::root::{Fence, Root};
use super::tombstone;
use crate::backend::Found;
use crate::error::Result;
use crate::format::name::manifest_file;

/// Puts a manifest in place of the one that is expected, or where there is none. `None` where something else is there.
pub(super) fn commit(
    store: &RemoteStore,
    stem: &str,
    expected: Option<&Found>,
    sealed: &[u8],
) -> Result<Option<Found>> {
    let (root, lease) = (&store.root, store.own_lease(stem));
    let version = match root.fence()? {
        Fence::Full => put_fenced(root, stem, lease.as_deref(), expected, sealed)?,
        fence => put_unfenced(root, stem, lease.as_deref(), fence, expected, sealed)?,
    };
    let Some(version) = version else { return Ok(None) };
    if let Some(lease) = lease {
        lease.note_put(Base::Manifest(version.clone(), sealed.to_vec()));
    }
    Ok(Some(found(sealed.to_vec(), version.as_str())))
}

fn put_fenced(
    root: &Root,
    stem: &str,
    lease: Option<&OwnLease>,
    expected: Option<&Found>,
    sealed: &[u8],
) -> Result<Option<Version>> {
    let mut only = match expected {
        Some(expected) => match version_of(expected) {
            Some(version) => Only::IfStill(version),
            None => return Ok(None), // It is not one of this store.
        },
        None => match lease.and_then(OwnLease::base) {
            Some(Base::Tombstone(version)) => Only::IfStill(version),
            _ => Only::IfAbsent,
        },
    };
    loop {
        let there = match root.put(&manifest_file(stem), sealed, &only)? {
            Put::Done(version) => return Ok(Some(version)),
            Put::Refused(there) => there.map(base_of),
        };
        // A tombstone and nothing mean the same: there is no artifact. But under a lease, it was looked at before: if there is
        // another tombstone now, somebody committed meanwhile.
        only = match (expected, there) {
            (None, Some(Base::Tombstone(version))) if lease.and_then(OwnLease::base).is_none() => {
                Only::IfStill(version)
            }
            (None, None) if only == Only::IfAbsent => Only::IfAbsent,
            _ => return Ok(None),
        };
    }
}

/// Commits where the store does not decide, as well as that goes: between the look and the put, another may commit.
fn put_unfenced(
    root: &Root,
    stem: &str,
    lease: Option<&OwnLease>,
    fence: Fence,
    expected: Option<&Found>,
    sealed: &[u8],
) -> Result<Option<Version>> {
    let name = manifest_file(stem);
    if expected.is_none() && fence == Fence::Create {
        // This is fenced.
        match root.put(&name, sealed, &Only::IfAbsent)? {
            Put::Done(version) => return Ok(Some(version)),
            // A copy of a bucket may hold tombstones.
            Put::Refused(Some(found)) if tombstone::is_one(&found.bytes) => {}
            Put::Refused(_) => return Ok(None),
        }
    }
    let is_expected = match (look(root, stem)?, expected) {
        (Base::Manifest(version, _), Some(expected)) => version_of(expected) == Some(version),
        (Base::Nothing | Base::Tombstone(_), None) => true,
        _ => false,
    };
    if !is_expected || lease.map_or(Ok(false), OwnLease::is_overtaken)? {
        return Ok(None);
    }
    Ok(match root.put(&name, sealed, &Only::Always)? {
        Put::Done(version) => Some(version),
        Put::Refused(_) => None,
    })
}
