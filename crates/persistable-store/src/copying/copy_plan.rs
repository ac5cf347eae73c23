//! What is to be copied, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::crew::each;
use super::manner::Manner;
use super::report::NotCopied;
use super::selection::Selection;
use crate::error::{Error, Result};
use crate::format::{ArtifactId, DependencyRecord, Digest, Manifest, PayloadName};
use crate::store::{Listed, Store};

/// What is to be copied.
#[derive(Debug, Default)]
pub(super) struct CopyPlan {
    pub(super) artifacts: Vec<PlannedCopy>,
    /// What can't be copied, since nothing tells what it is.
    pub(super) failed: Vec<NotCopied>,
}

/// An artifact of a plan.
#[derive(Debug)]
pub(super) struct PlannedCopy {
    pub(super) id: ArtifactId,
    pub(super) size_bytes: u64,
    /// What depends on it, by its index.
    pub(super) dependents: Vec<usize>,
    /// So many artifacts of the plan it depends on.
    pub(super) dependencies: usize,
}

impl CopyPlan {
    /// Reads the manifests of a selection, and of what it depends on.
    pub(super) fn make(
        from: &Store,
        selection: &Selection,
        follows: bool,
        at_once: usize,
        manner: &Manner<'_>,
    ) -> Result<Self> {
        let mut plan = Self::default();
        let mut known: BTreeMap<ArtifactId, usize> = BTreeMap::new();
        let mut named: Vec<(usize, Vec<ArtifactId>)> = Vec::new();
        let mut next: Vec<(ArtifactId, Option<Manifest>)> = match selection {
            Selection::All => plan.list(from, manner)?,
            Selection::Only(ids) => ids.iter().map(|id| (id.clone(), None)).collect(),
        };
        while !next.is_empty() {
            let new: Vec<_> = next.drain(..).filter(|(id, _)| !known.contains_key(id)).collect();
            let read = each(new, at_once, |(id, manifest)| {
                manner.check()?;
                let manifest = manifest.or_else(|| manifest_of(from, &id));
                Ok::<_, Error>((id, manifest))
            });
            for read in read {
                let (id, manifest) = read?;
                let index = plan.artifacts.len();
                if known.contains_key(&id) {
                    continue;
                }
                known.insert(id.clone(), index);
                let dependencies: Vec<_> = manifest.iter().flat_map(dependencies_of).collect();
                if follows {
                    next.extend(dependencies.iter().map(|id| (id.clone(), None)));
                }
                named.push((index, dependencies));
                let size_bytes = manifest.map_or(0, |manifest| manifest.payload.size_bytes);
                plan.artifacts.push(PlannedCopy { id, size_bytes, dependents: Vec::new(), dependencies: 0 });
            }
        }
        for (dependent, dependencies) in named {
            plan.connect(dependent, dependencies.iter().filter_map(|id| known.get(id).copied()).collect());
        }
        Ok(plan)
    }

    /// Lists all artifacts of a store.
    fn list(&mut self, from: &Store, manner: &Manner<'_>) -> Result<Vec<(ArtifactId, Option<Manifest>)>> {
        let mut listed = Vec::new();
        for artifact in from.artifacts() {
            manner.check()?;
            match artifact? {
                Listed::Whole(artifact) => listed.push((artifact.id().clone(), Some(artifact.into_manifest()))),
                Listed::Unusable { stem, error } => self.failed.push(NotCopied { stem, error }),
            }
        }
        Ok(listed)
    }

    fn connect(&mut self, dependent: usize, dependencies: BTreeSet<usize>) {
        for dependency in &dependencies {
            if let Some(planned) = self.artifacts.get_mut(*dependency) {
                planned.dependents.push(dependent);
            }
        }
        if let Some(planned) = self.artifacts.get_mut(dependent) {
            planned.dependencies = dependencies.len();
        }
    }
}

/// Returns an artifact's manifest, where it can be read. Where it can't, copying says why.
fn manifest_of(from: &Store, id: &ArtifactId) -> Option<Manifest> {
    from.find(id).ok()?.map(|artifact| artifact.manifest().clone())
}

/// Returns the artifacts that a manifest names as dependencies.
fn dependencies_of(manifest: &Manifest) -> impl Iterator<Item = ArtifactId> {
    let id_of = |record: &DependencyRecord| {
        let key = record.key.parse::<Digest>().ok()?;
        Some(ArtifactId::new(PayloadName::new(record.payload_name.as_str()).ok()?, *key.as_bytes()))
    };
    manifest.dependencies.iter().filter_map(id_of)
}
