//! What is known of steps that are gone: the records of their removal tell how they were made.
//!
//! A step that is there may have been made from one that is gone. If other code made the latter than there is now, the former is
//! stale, though nothing is left to compare it with but the record. That something is gone is no change by itself.

use std::collections::HashMap;
use std::time::SystemTime;

use persistable_store::{DependencyRecord, Digest, Manifest, Removed, Store};

use crate::changes::LastPayload;
use crate::params_tree::ParamsTree;

/// A step to look at, or that others were made from.
pub(crate) struct StepInStore<'a> {
    pub tree: &'a ParamsTree,
    pub store: &'a Store,
    /// Its manifest, if it is there.
    pub manifest: Option<&'a Manifest>,
}

/// What is known of a step that is gone.
pub(crate) struct Gone {
    /// What its manifest said.
    pub manifest: Manifest,
    /// When it was removed, for people.
    pub removed_at: String,
    /// Whether something was made from the very payload that was removed.
    pub is_source: bool,
}

impl Gone {
    fn of(tree: &ParamsTree, removed: &Removed) -> Option<Self> {
        let manifest = removed.manifest()?;
        let is_of_it = manifest.id().is_ok_and(|id| id == *tree.id()) && manifest.sole_payload_digest().is_some();
        is_of_it.then(|| Self { manifest, removed_at: removed.removed_at.clone(), is_source: false })
    }

    /// Returns the last payload that a step had, as far as that tells something of what was made from it. A record may be older than
    /// that: others may delete the files of an artifact that was there again.
    pub(crate) fn last_payload(&self, above: &Manifest, record: &DependencyRecord) -> Option<LastPayload> {
        let digest = self.manifest.sole_payload_digest()?;
        let was_there_later = || {
            let (removed, made) = (time_of(&self.removed_at)?, time_of(&above.provenance.persisted_at)?);
            Some(removed > made)
        };
        let counts = is_used(record, digest) || was_there_later() == Some(true);
        counts.then_some(LastPayload { digest, is_gone: true })
    }
}

/// Whether a payload is the one that was used, or was said to give the same result.
fn is_used(record: &DependencyRecord, digest: Digest) -> bool {
    record.payload_digest.is_some_and(|used| used == digest || record.accepted.contains(&digest))
}

fn time_of(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339(text).ok()
}

/// Reads the records of the steps that are gone, and that those which are there were made from. `dependency` tells which step is the
/// dependency at an index of another.
pub(crate) fn find(
    steps: &[StepInStore<'_>],
    dependency: impl Fn(usize, usize) -> Option<usize>,
) -> HashMap<usize, Gone> {
    let mut gone = HashMap::new();
    let is_there = |index: &usize| steps.get(*index).is_some_and(|step| step.manifest.is_some());
    let mut asked = vec![false; steps.len()];
    let mut pending: Vec<usize> = (0..steps.len()).filter(is_there).collect();
    while !pending.is_empty() {
        let mut used = Vec::new();
        for above in &pending {
            let Some(manifest) = manifest_of(steps, &gone, *above) else { continue };
            for (index, record) in manifest.dependencies.iter().enumerate() {
                if let Some(below) = dependency(*above, index).filter(|below| !is_there(below))
                    && record.payload_digest.is_some()
                {
                    used.push((below, record.clone()));
                }
            }
        }
        let mut missing: Vec<usize> = used.iter().map(|(below, _)| *below).collect();
        missing.retain(|below| asked.get_mut(*below).is_some_and(|asked| !std::mem::replace(asked, true)));
        read(steps, missing, &mut gone);
        pending = Vec::new();
        for (below, record) in used {
            if let Some(found) = gone.get_mut(&below)
                && !found.is_source
                && found.manifest.sole_payload_digest().is_some_and(|digest| is_used(&record, digest))
            {
                found.is_source = true;
                pending.push(below);
            }
        }
    }
    gone
}

fn manifest_of<'a>(steps: &[StepInStore<'a>], gone: &'a HashMap<usize, Gone>, index: usize) -> Option<&'a Manifest> {
    steps.get(index)?.manifest.or_else(|| Some(&gone.get(&index)?.manifest))
}

/// Reads records, store by store.
fn read(steps: &[StepInStore<'_>], mut missing: Vec<usize>, gone: &mut HashMap<usize, Gone>) {
    while let Some(store) = missing.first().and_then(|first| Some(steps.get(*first)?.store)) {
        let is_there = |index: &usize| steps.get(*index).is_some_and(|step| step.store.is(store));
        let (there, elsewhere): (Vec<_>, Vec<_>) = missing.into_iter().partition(is_there);
        let stems: Vec<&str> = there.iter().filter_map(|index| Some(steps.get(*index)?.tree.id().stem())).collect();
        for (index, removed) in there.into_iter().zip(store.removed_all(&stems)) {
            let found = steps.get(index).zip(removed).and_then(|(step, removed)| Gone::of(step.tree, &removed));
            gone.extend(found.map(|found| (index, found)));
        }
        missing = elsewhere;
    }
}
