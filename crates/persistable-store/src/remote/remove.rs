//! Removing an artifact: a tombstone takes the place of its manifest, and then its payload is deleted.

use persistable_objects::{Only, Put};

use super::base::{Base, look};
use super::litter::delete_payload;
use super::own_lease::OwnLease;
use super::remote_store::RemoteStore;
use super::root::Fence;
use super::tombstone;
use crate::backend::{Removal, owns_payload_file};
use crate::error::{Error, Result};
use crate::format::name::manifest_file;
use crate::format::{Manifest, PayloadRecord};
use crate::publication::lost;

/// Removes an artifact; returns whether there was one.
pub(super) fn remove(store: &RemoteStore, stem: &str, removal: Removal<'_>) -> Result<bool> {
    let lease = store.own_lease(stem);
    let removed = remove_under(store, lease.as_deref(), stem, removal);
    if let (Err(_), Some(lease)) = (&removed, lease) {
        // The manifest may be gone, and the payload be there.
        lease.leaves_something();
    }
    removed
}

fn remove_under(store: &RemoteStore, lease: Option<&OwnLease>, stem: &str, removal: Removal<'_>) -> Result<bool> {
    let root = &store.root;
    // What was seen under the lease is removed, and not what another has put there since.
    let base = match lease.and_then(OwnLease::base) {
        Some(base) => base,
        None => look(root, stem)?,
    };
    let Base::Manifest(version, bytes) = base else { return Ok(false) };
    let name = manifest_file(stem);
    let lost = || -> Error { lost(stem).at(&root.location) };
    let buried = if root.fence()? == Fence::Full {
        let reason = match removal {
            Removal::Damaged(reason) => Some(reason),
            Removal::Unwanted => None,
        };
        match root.put(&name, &tombstone::write(reason), &Only::IfStill(version))? {
            Put::Done(version) => Base::Tombstone(version),
            Put::Refused(_) => return Err(lost()),
        }
    } else {
        let is_overtaken = lease.map_or(Ok(false), |lease| lease.is_overtaken())?;
        if is_overtaken || look(root, stem)?.manifest() != Some(&version) {
            return Err(lost());
        }
        root.delete(std::slice::from_ref(&name))?;
        Base::Nothing
    };
    if let Some(lease) = lease {
        lease.note_put(buried);
    }
    match Manifest::parse(&bytes) {
        Ok(manifest) => {
            let records: Vec<PayloadRecord> = manifest.into_payloads();
            delete_payload(root, stem, &records)?;
        }
        Err(_) => root.delete(&named_payload(stem, &bytes).into_iter().collect::<Vec<_>>())?,
    }
    Ok(true)
}

/// Returns the payload that a damaged manifest names, where that can still be read.
fn named_payload(stem: &str, bytes: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let file = value.get("payload")?.get("file")?.as_str()?;
    owns_payload_file(stem, file).then(|| file.to_owned())
}
