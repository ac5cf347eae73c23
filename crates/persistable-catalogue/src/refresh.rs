//! Bringing the index up to date with the store.

use std::collections::HashMap;

use persistable_store::backend::Companion;
use persistable_store::{Digest, Labels, Listed, Manifest, Store};
use rusqlite::Connection;
use serde::Serialize;

use crate::error::Result;
use crate::facts::facts_of;
use crate::index::{
    Cell, ColumnWriter, Index, Node, Terms, add_edges, digest_of, known, known_labels, mark, meta, node, node_by_id,
    place, set_labels, set_meta,
};
use crate::manifests::listed;
use crate::params::{leaves_of, params_of};
use crate::scalar::Scalar;
use crate::state::State;

/// So many manifests are read before they are written to the index.
const BATCH: usize = 2048;
/// What the store's stamp was before the last look.
const STAMP: &str = "stamp";
/// Whether the records of removal were read.
const REMOVALS: &str = "removals";

/// What was done to bring the index up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refreshed {
    /// Manifests that were read, since they are new or may have changed.
    pub read: usize,
    /// Artifacts that are not there any more.
    pub removed: usize,
}

/// Compares the index with the store, and reads what is new.
pub(crate) fn refresh(index: &mut Index, store: &Store) -> Result<Refreshed> {
    let stamp = store.stamp();
    if let Some(stamp) = stamp
        && meta(&*index.read()?, STAMP)?.is_some_and(|known| known == stamp.as_bytes())
    {
        return Ok(Refreshed::default());
    }
    let db = index.write()?;
    let refreshed = update(&db, store)?;
    set_meta(&db, STAMP, stamp.as_ref().map(|stamp| stamp.as_bytes().as_slice()))?;
    db.commit()?;
    Ok(refreshed)
}

fn update(db: &Connection, store: &Store) -> Result<Refreshed> {
    let mut known = known(db)?;
    let mut changed: Vec<(String, Option<Digest>)> = Vec::new();
    let mut labelled: Vec<(String, Option<Digest>)> = Vec::new();
    store.survey(&mut |found| match found.companion {
        None => match known.remove(&digest_of(&found.stem)) {
            Some(entry) if entry.stamp.is_some() && found.stamp.map(|now| *now.as_bytes()) == entry.stamp => {}
            _ => changed.push((found.stem, found.stamp)),
        },
        Some(Companion::Labels) => labelled.push((found.stem, found.stamp)),
        Some(_) => {}
    })?;
    // By name, so that neighbours in the index are neighbours in the list.
    changed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    // An artifact that is listed as changed was taken out of `known`, so what is left is gone.
    let mut writing = Writing::default();
    let gone = known.values().filter(|entry| entry.is_there).count();
    for entry in known.into_values() {
        writing.remove(db, entry.node, None)?;
    }
    if meta(db, REMOVALS)?.is_none() {
        // Later ones are noticed, as the artifacts were known.
        writing.read_removals(db, store)?;
        set_meta(db, REMOVALS, Some(&[]))?;
    }
    for batch in changed.chunks(BATCH) {
        let stems: Vec<String> = batch.iter().map(|(stem, _)| stem.clone()).collect();
        for (listed, (stem, stamp)) in listed(store, &stems).into_iter().zip(batch) {
            writing.add(db, stem, *stamp, listed)?;
        }
    }
    writing.columns.finish(db)?;
    read_labels(db, store, labelled)?;
    Ok(Refreshed { read: changed.len(), removed: gone })
}

/// What is written while the index is brought up to date.
#[derive(Debug, Default)]
struct Writing {
    columns: ColumnWriter,
    terms: Terms,
    /// The numbers of dependencies by their stems.
    nodes: HashMap<String, i64>,
}

/// Dependencies are kept in mind, as many share them.
const MOST_NODES: usize = 1 << 14;

impl Writing {
    fn add(&mut self, db: &Connection, stem: &str, stamp: Option<Digest>, listed: Option<Listed>) -> Result<()> {
        let key = match &listed {
            Some(Listed::Whole(artifact)) => Some(artifact.manifest().key.as_str()),
            _ => None,
        };
        let mut found = node(db, stem, key)?;
        let stamp = stamp.as_ref().map(|stamp| stamp.as_bytes().as_slice());
        match listed {
            // In a bucket, something may be in the place of its manifest. It need not be read again.
            None => self.remove(db, found.id, stamp),
            Some(Listed::Whole(artifact)) => {
                self.set(db, &mut found, artifact.manifest(), State::Whole)?;
                mark(db, found.id, State::Whole, stamp, None)
            }
            Some(Listed::Unusable { error, .. }) => {
                let state = match error.kind() {
                    persistable_store::ErrorKind::Damaged => State::Damaged,
                    persistable_store::ErrorKind::NewerFormat => State::Newer,
                    _ => State::Unreadable,
                };
                let slot = place(db, &mut found)?;
                self.columns.set(db, found.step, "@node", slot, Cell::int(found.id))?;
                self.set_state(db, found.step, slot, state)?;
                // What can't be read may be readable the next time, though it is the same file.
                let stamp = stamp.filter(|_| state != State::Unreadable);
                mark(db, found.id, state, stamp, Some(&error.to_string()))
            }
        }
    }

    /// Notes that an artifact is gone. What is known of its params stays.
    fn remove(&mut self, db: &Connection, id: i64, stamp: Option<&[u8]>) -> Result<()> {
        let node = node_by_id(db, id)?;
        if let Some(slot) = node.slot {
            self.set_state(db, node.step, slot, State::Removed)?;
        }
        mark(db, id, State::Removed, stamp, None)
    }

    /// Reads what records of removal say. Artifacts that are there are read afterwards.
    fn read_removals(&mut self, db: &Connection, store: &Store) -> Result<()> {
        for stem in store.removals()? {
            let Ok(Some(removed)) = store.removed(&stem) else { continue };
            let Some(manifest) = removed.manifest() else { continue };
            if manifest.id().is_ok_and(|id| id.stem() == stem) {
                let mut found = node(db, &stem, Some(&manifest.key))?;
                self.set(db, &mut found, &manifest, State::Removed)?;
                mark(db, found.id, State::Removed, None, None)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, db: &Connection, found: &mut Node, manifest: &Manifest, state: State) -> Result<()> {
        let is_replaced = found.slot.is_some();
        let (slot, step, id) = (place(db, found)?, found.step, found.id);
        self.columns.set(db, step, "@node", slot, Cell::int(id))?;
        self.set_state(db, step, slot, state)?;
        // Params that can't be read are none: the manifest is sealed, so a later version wrote them.
        let leaves = params_of(manifest).map(|params| leaves_of(&params)).unwrap_or_default();
        // An artifact that was replaced may have had facts that this one lacks.
        let facts = facts_of(manifest).filter(|(_, scalar)| is_replaced || *scalar != Scalar::Missing);
        for (name, scalar) in leaves.into_iter().chain(facts.map(|(name, scalar)| (name.to_owned(), scalar))) {
            let cell = self.terms.cell(db, &scalar)?;
            self.columns.set(db, step, &name, slot, cell)?;
        }
        let mut below = Vec::with_capacity(manifest.dependencies.len());
        for (index, dependency) in manifest.dependencies.iter().enumerate() {
            let hex = dependency.key.get(..32).unwrap_or_default();
            let number = self.node(db, format!("{}({hex})", dependency.payload_name), &dependency.key)?;
            self.columns.set(db, step, &format!("@below.{index}"), slot, Cell::int(number))?;
            let used = dependency.payload_digest.map_or(Cell::MISSING, short);
            self.columns.set(db, step, &format!("@used.{index}"), slot, used)?;
            below.push(number);
        }
        self.columns.set(db, step, "@payload", slot, short(manifest.payload.digest))?;
        // Most artifacts have none of these.
        let accepted = manifest.code.iter().map(|code| code.accepted.len()).sum::<usize>()
            + manifest.dependencies.iter().map(|dependency| dependency.accepted.len()).sum::<usize>();
        for (name, count) in [("@inputs", manifest.inputs.len()), ("@accepted", accepted)] {
            if count > 0 || is_replaced {
                self.columns.set(db, step, name, slot, Cell::int(i64::try_from(count).unwrap_or(i64::MAX)))?;
            }
        }
        add_edges(db, id, below)
    }

    fn set_state(&mut self, db: &Connection, step: i64, slot: usize, state: State) -> Result<()> {
        self.columns.set(db, step, "@state", slot, Cell::int(state as i64))
    }

    fn node(&mut self, db: &Connection, stem: String, key: &str) -> Result<i64> {
        if let Some(id) = self.nodes.get(&stem) {
            return Ok(*id);
        }
        let id = node(db, &stem, Some(key))?.id;
        if self.nodes.len() >= MOST_NODES {
            self.nodes.clear();
        }
        self.nodes.insert(stem, id);
        Ok(id)
    }
}

/// Shortens a digest to a number: enough to see that two differ.
pub(crate) fn short(digest: Digest) -> Cell {
    Cell::int(i64::from_le_bytes(*digest.as_bytes().first_chunk().unwrap_or(&[0; 8])))
}

/// Reads the labels that changed.
fn read_labels(db: &Connection, store: &Store, labelled: Vec<(String, Option<Digest>)>) -> Result<()> {
    let mut known = known_labels(db)?;
    for (stem, stamp) in labelled {
        let before = known.remove(&stem);
        if stamp.is_some() && before.flatten() == stamp.map(|stamp| *stamp.as_bytes()) {
            continue;
        }
        // Labels that can't be read protect the artifact, since they may be a pin.
        let (labels, stamp) = match store.labels(&stem) {
            Ok(labels) => (labels, stamp),
            Err(error) => (unreadable(&error.to_string()), None),
        };
        let text = serde_json::to_vec(&labels).unwrap_or_default();
        let stamp = stamp.as_ref().map(|stamp| stamp.as_bytes().as_slice());
        set_labels(db, node(db, &stem, None)?.id, Some((&text, stamp)))?;
    }
    for (stem, _) in known {
        set_labels(db, node(db, &stem, None)?.id, None)?;
    }
    Ok(())
}

fn unreadable(problem: &str) -> Labels {
    let mut labels = Labels::default();
    labels.pinned = Some(problem.to_owned());
    labels
}
