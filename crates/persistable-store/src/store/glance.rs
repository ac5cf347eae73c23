//! A quick look at what a manifest says, for those who ask often: whoever loads a step asks for each of the steps below it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::Store;
use crate::backend::{Location, Look};
use crate::format::{ArtifactId, Digest, Manifest};

/// So many are remembered.
const MOST_GLANCED: usize = 1 << 14;

/// What the manifests said that were looked at last, by where they are, each with its stamp.
type Glanced = HashMap<Location, (Digest, Arc<Manifest>)>;

/// Whoever finds it locked reads the manifest again, also a forked child in which it stays locked.
static GLANCED: Mutex<Option<Glanced>> = Mutex::new(None);

impl Store {
    /// Returns an artifact's manifest by a quick look; `None` if there is none, or if it is not whole. The manifest may
    /// be that of a moment ago.
    #[must_use]
    pub fn glance(&self, id: &ArtifactId) -> Option<Arc<Manifest>> {
        self.parts().iter().find_map(|part| part.glance_here(id))
    }

    /// [Glances](Self::glance) at several artifacts. Where that takes requests, they are sent at the same time.
    #[must_use]
    pub fn glance_all(&self, ids: &[&ArtifactId]) -> Vec<Option<Arc<Manifest>>> {
        let mut glanced = vec![None; ids.len()];
        for part in self.parts() {
            let missing: Vec<_> = ids.iter().zip(&mut glanced).filter(|(_, found)| found.is_none()).collect();
            if missing.is_empty() {
                break;
            }
            // After an interrupt, there is nothing of what was not asked for.
            let found = part.each_of(&missing, |(id, _)| part.glance_here(id));
            for ((_, place), manifest) in missing.into_iter().zip(found) {
                *place = manifest.flatten();
            }
        }
        glanced
    }

    /// Returns the digest of an artifact's payload, by a [glance](Self::glance); `None` also while it is being
    /// replaced.
    #[must_use]
    pub fn payload_digest(&self, id: &ArtifactId) -> Option<Digest> {
        self.glance(id)?.sole_payload_digest()
    }

    fn glance_here(&self, id: &ArtifactId) -> Option<Arc<Manifest>> {
        let stamp = || self.look_again(id.stem(), None).map(|surveyed| surveyed.stamp);
        let Some(before) = stamp()? else { return self.read_manifest(id) };
        let place = self.location().join(id.stem());
        if let Some((of, manifest)) = glanced(&place)
            && of == before
        {
            return Some(manifest);
        }
        let manifest = self.read_manifest(id)?;
        if stamp() == Some(Some(before)) {
            remember(place, before, &manifest);
        }
        Some(manifest)
    }

    fn read_manifest(&self, id: &ArtifactId) -> Option<Arc<Manifest>> {
        let found = self.backend.find(id.stem(), Look::AtBytes).ok()??;
        let manifest = Manifest::parse(&found.bytes).ok()?;
        manifest.check_belongs_to(id).ok()?;
        Some(Arc::new(manifest))
    }
}

fn glanced(place: &Location) -> Option<(Digest, Arc<Manifest>)> {
    GLANCED.try_lock().ok()?.as_ref()?.get(place).cloned()
}

fn remember(place: Location, stamp: Digest, manifest: &Arc<Manifest>) {
    let _dropped = GLANCED.try_lock().ok().map(|mut table| {
        let table = table.get_or_insert_default();
        let earlier = if table.len() >= MOST_GLANCED { std::mem::take(table) } else { HashMap::new() };
        (table.insert(place, (stamp, Arc::clone(manifest))), earlier)
    });
}
