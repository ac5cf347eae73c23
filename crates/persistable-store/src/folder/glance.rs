//! A quick look at what a manifest says, for those who ask often: whoever loads a step asks for each of the steps below it.

use std::sync::Arc;

use super::find::manifest_bytes;
use super::process::FileStamp;
use super::root::Root;
use crate::format::{ArtifactId, Manifest};
use crate::on_disk::times::is_settled;

const MOST_GLANCED: usize = 1 << 14;

/// Returns an artifact's manifest, where that is whole.
pub(super) fn glance(root: &Root, id: &ArtifactId) -> Option<Arc<Manifest>> {
    let path = root.manifest_path(id.stem());
    let metadata = root.medium().metadata(&path).ok()?;
    let stamp = FileStamp::of(&metadata);
    if let Some((of, manifest)) = root.process.glanced.lock().as_ref().and_then(|glanced| glanced.get(&path))
        && *of == stamp
    {
        return Some(Arc::clone(manifest));
    }
    let manifest = Manifest::parse(&manifest_bytes(root, id.stem()).ok()??).ok()?;
    manifest.check_belongs_to(id).ok()?;
    let manifest = Arc::new(manifest);
    let is_same = root.medium().metadata(&path).is_ok_and(|after| FileStamp::of(&after) == stamp);
    if is_settled(&metadata) && is_same {
        let mut glanced = root.process.glanced.lock();
        let glanced = glanced.get_or_insert_default();
        if glanced.len() >= MOST_GLANCED {
            glanced.clear();
        }
        glanced.insert(path, (stamp, Arc::clone(&manifest)));
    }
    Some(manifest)
}
