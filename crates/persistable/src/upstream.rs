//! The steps below a step, with what their manifests say at present.

use std::collections::HashMap;
use std::sync::Arc;

use persistable_key::Key;
use persistable_store::{Manifest, Store};

use crate::changes::LastPayload;
use crate::gone::{self, Gone, StepInStore};
use crate::maker::{Maker, Upstream};
use crate::params_tree::ParamsTree;

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

    /// Returns all steps below one that is there, each once, with what is known of how they were made.
    pub(crate) fn look_up<'a>(&self, above: Above<'a>) -> Below<'a> {
        let mut below = Below { above, steps: Vec::new(), by_key: HashMap::new(), gone: HashMap::new() };
        let mut pending: Vec<Upstream> = self.direct.iter().flatten().chain(&self.further).rev().cloned().collect();
        while let Some(upstream) = pending.pop() {
            let key = upstream.0.tree().key();
            if below.by_key.contains_key(&key) {
                continue;
            }
            if !upstream.0.was_checked_lately() {
                pending.extend(upstream.0.below());
            }
            below.by_key.insert(key, below.steps.len());
            below.steps.push((upstream, None));
        }
        below.glance();
        below.gone = below.find_gone();
        below
    }
}

/// The step above those that are looked up.
pub(crate) struct Above<'a> {
    pub tree: &'a ParamsTree,
    pub store: &'a Store,
    pub manifest: &'a Manifest,
}

/// The steps below a step.
pub(crate) struct Below<'a> {
    above: Above<'a>,
    steps: Vec<(Upstream, Option<Arc<Manifest>>)>,
    by_key: HashMap<Key, usize>,
    gone: HashMap<usize, Gone>,
}

/// A step below another, with what is known of how it was made.
pub(crate) struct MadeBelow<'a> {
    pub maker: &'a dyn Maker,
    pub manifest: &'a Manifest,
    /// When it was removed, if it is gone.
    pub removed_at: Option<&'a str>,
}

impl Below<'_> {
    /// Glances at the manifests, store by store.
    fn glance(&mut self) {
        let mut pending: Vec<usize> = (0..self.steps.len()).collect();
        while let Some(store) = pending.first().and_then(|first| Some(self.steps.get(*first)?.0.0.store().clone())) {
            let is_there =
                |index: &usize| self.steps.get(*index).is_some_and(|(upstream, _)| upstream.0.store().is(&store));
            let (there, elsewhere): (Vec<_>, Vec<_>) = pending.into_iter().partition(is_there);
            let of = |index: &usize| self.steps.get(*index).map(|(upstream, _)| upstream.0.tree().id());
            let manifests = store.glance_all(&there.iter().filter_map(of).collect::<Vec<_>>());
            for (index, manifest) in there.into_iter().zip(manifests) {
                if let Some((_, place)) = self.steps.get_mut(index) {
                    *place = manifest;
                }
            }
            pending = elsewhere;
        }
    }

    fn find_gone(&self) -> HashMap<usize, Gone> {
        if self.steps.iter().all(|(_, manifest)| manifest.is_some()) {
            return HashMap::new();
        }
        let below = self.steps.iter().map(|(upstream, manifest)| StepInStore {
            tree: upstream.0.tree(),
            store: upstream.0.store(),
            manifest: manifest.as_deref(),
        });
        let Above { tree, store, manifest } = self.above;
        let steps: Vec<StepInStore<'_>> =
            below.chain([StepInStore { tree, store, manifest: Some(manifest) }]).collect();
        gone::find(&steps, |above, index| {
            self.by_key.get(&steps.get(above)?.tree.dependencies().get(index)?.key()).copied()
        })
    }

    /// Iterates over those of which is known how they were made: they are there, or they are gone, and something that is there was
    /// made from them.
    pub(crate) fn made(&self) -> impl Iterator<Item = MadeBelow<'_>> {
        self.steps.iter().enumerate().filter_map(|(index, (upstream, manifest))| {
            let maker = &*upstream.0;
            if let Some(manifest) = manifest {
                return Some(MadeBelow { maker, manifest, removed_at: None });
            }
            let Gone { manifest, removed_at, .. } = self.gone.get(&index).filter(|gone| gone.is_source)?;
            Some(MadeBelow { maker, manifest, removed_at: Some(removed_at) })
        })
    }

    /// Returns the last payload of a dependency of the step above, if that one was looked up in this store.
    pub(crate) fn last_payload_in(&self, store: &Store, index: usize) -> Option<Option<LastPayload>> {
        let key = self.above.tree.dependencies().get(index)?.key();
        let (upstream, _) = self.steps.get(*self.by_key.get(&key)?)?;
        upstream.0.store().is(store).then(|| self.last_payload(key, self.above.manifest, index))
    }

    /// Returns the last payload of a dependency of a step below.
    pub(crate) fn last_payload_below(&self, made: &MadeBelow<'_>, index: usize) -> Option<LastPayload> {
        let key = made.maker.tree().dependencies().get(index)?.key();
        self.last_payload(key, made.manifest, index)
    }

    fn last_payload(&self, key: Key, above: &Manifest, index: usize) -> Option<LastPayload> {
        let below = *self.by_key.get(&key)?;
        match &self.steps.get(below)?.1 {
            Some(manifest) => manifest.sole_payload_digest().map(LastPayload::present),
            None => self.gone.get(&below)?.last_payload(above, above.dependencies.get(index)?),
        }
    }
}
