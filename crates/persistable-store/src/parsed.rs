//! Manifests that this process read before, by their very bytes.
//!
//! To compare the bytes costs a hundredth of what it costs to check their seal and to parse them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::format::{ArtifactId, Digest, Manifest};

/// So many are kept, of at most so many bytes.
const MOST_PARSED: usize = 1024;
const MOST_BYTES: usize = 8 << 10;

struct Parsed {
    id: ArtifactId,
    bytes: Vec<u8>,
    manifest: Arc<Manifest>,
    seal: Digest,
}

/// By the key. Whoever finds it locked reads the manifest again, also a forked child in which it stays locked.
static PARSED: Mutex<Option<HashMap<[u8; 32], Parsed>>> = Mutex::new(None);

/// Returns the manifest of an artifact, with its seal, if it was read before and has the same bytes.
pub(crate) fn of(id: &ArtifactId, bytes: &[u8]) -> Option<(Arc<Manifest>, Digest)> {
    let table = PARSED.try_lock().ok()?;
    let known = table.as_ref()?.get(id.key()).filter(|known| known.bytes == bytes && known.id == *id)?;
    Some((Arc::clone(&known.manifest), known.seal))
}

/// Notes a manifest that was read.
pub(crate) fn note(id: &ArtifactId, bytes: &[u8], (manifest, seal): (Manifest, Digest)) -> (Arc<Manifest>, Digest) {
    let manifest = Arc::new(manifest);
    if bytes.len() <= MOST_BYTES {
        let known = Parsed { id: id.clone(), bytes: bytes.to_vec(), manifest: Arc::clone(&manifest), seal };
        let _dropped = PARSED.try_lock().ok().map(|mut table| {
            let table = table.get_or_insert_default();
            let earlier = if table.len() >= MOST_PARSED { std::mem::take(table) } else { HashMap::new() };
            (table.insert(*id.key(), known), earlier)
        });
    }
    (manifest, seal)
}
