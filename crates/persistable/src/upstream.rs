//! The steps below a step, with what their manifests say at present.

use std::collections::HashMap;
use std::sync::Arc;

use persistable_key::Key;
use persistable_store::{Digest, Manifest, Store};

use crate::maker::{Maker, Upstream};

/// What a step's payload is made from, besides what its key tells.
#[derive(Default)]
pub(crate) struct Sources {
    /// The direct dependencies, in the order of the tree. One that is not known is looked for in the step's own store.
    pub direct: Vec<Option<Upstream>>,
    /// Those below them that they don't tell of themselves.
    pub further: Vec<Upstream>,
}

impl Sources {
    /// Returns the store of a direct dependency, where that is known.
    pub(crate) fn store_of(&self, index: usize) -> Option<&Store> {
        self.direct.get(index).and_then(Option::as_ref).map(|upstream| upstream.0.store())
    }

    /// Returns all steps below, each once, with the manifests of those that are persisted.
    pub(crate) fn look_up(&self) -> Below {
        let mut below = Below(Vec::new(), HashMap::new());
        let mut pending: Vec<Upstream> = self.direct.iter().flatten().chain(&self.further).rev().cloned().collect();
        while let Some(upstream) = pending.pop() {
            let key = upstream.0.tree().key();
            if below.1.contains_key(&key) {
                continue;
            }
            if !upstream.0.was_checked_lately() {
                pending.extend(upstream.0.below());
            }
            below.1.insert(key, below.0.len());
            below.0.push((upstream, None));
        }
        below.look_up();
        below
    }
}

/// The steps below a step.
pub(crate) struct Below(Vec<(Upstream, Option<Arc<Manifest>>)>, HashMap<Key, usize>);

impl Below {
    /// Glances at the manifests, store by store.
    fn look_up(&mut self) {
        let mut pending: Vec<usize> = (0..self.0.len()).collect();
        while let Some(store) = pending.first().and_then(|first| Some(self.0.get(*first)?.0.0.store().clone())) {
            let is_there =
                |index: &usize| self.0.get(*index).is_some_and(|(upstream, _)| upstream.0.store().is(&store));
            let (there, elsewhere): (Vec<_>, Vec<_>) = pending.into_iter().partition(is_there);
            let of = |index: &usize| self.0.get(*index).map(|(upstream, _)| upstream.0.tree().id());
            let manifests = store.glance_all(&there.iter().filter_map(of).collect::<Vec<_>>());
            for (index, manifest) in there.into_iter().zip(manifests) {
                if let Some((_, place)) = self.0.get_mut(index) {
                    *place = manifest;
                }
            }
            pending = elsewhere;
        }
    }

    /// Iterates over those that are persisted.
    pub(crate) fn persisted(&self) -> impl Iterator<Item = (&dyn Maker, &Manifest)> {
        self.0.iter().filter_map(|(upstream, manifest)| Some((&*upstream.0, &**manifest.as_ref()?)))
    }

    /// Returns the digest of the payload that a step below has at present; `None` where nobody looked there.
    pub(crate) fn payload_digest_in(&self, store: &Store, key: Key) -> Option<Option<Digest>> {
        let (upstream, manifest) = self.0.get(*self.1.get(&key)?)?;
        upstream.0.store().is(store).then(|| manifest.as_ref()?.sole_payload_digest())
    }

    /// Returns the digest of the payload that a step below has at present.
    pub(crate) fn payload_digest(&self, key: Key) -> Option<Digest> {
        let (_, manifest) = self.0.get(*self.1.get(&key)?)?;
        manifest.as_ref()?.sole_payload_digest()
    }
}
