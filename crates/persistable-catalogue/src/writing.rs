//! Writing to the index what manifests say.

use std::collections::HashMap;

use persistable_store::{Digest, Labels, Listed, Manifest, Store};
use rusqlite::Connection;

use crate::error::Result;
use crate::facts::facts_of;
use crate::index::{Cell, ColumnWriter, Node, Stamp, Terms, add_edges, mark, node, node_by_id, place, set_labels};
use crate::params::{leaves_of, params_of};
use crate::scalar::Scalar;
use crate::state::State;

/// What is written while the index is brought up to date.
#[derive(Debug, Default)]
pub(crate) struct Writing {
    columns: ColumnWriter,
    terms: Terms,
    /// The numbers of dependencies by their stems.
    nodes: HashMap<String, i64>,
}

/// What the reason of a pin begins with that is none: the labels can't be read.
pub(crate) const UNREADABLE: &str = "\0";

/// Dependencies are kept in mind, as many share them.
const MOST_NODES: usize = 1 << 14;

impl Writing {
    /// Writes what is not written yet.
    pub(crate) fn finish(&mut self, db: &Connection) -> Result<()> {
        self.columns.finish(db)
    }

    pub(crate) fn add(
        &mut self,
        db: &Connection,
        stem: &str,
        stamp: Option<Stamp>,
        listed: Option<Listed>,
    ) -> Result<()> {
        let key = match &listed {
            Some(Listed::Whole(artifact)) => Some(artifact.manifest().key.as_str()),
            _ => None,
        };
        let mut found = node(db, stem, key)?;
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
                mark(db, found.id, state, stamp, Some(&format!("{error:#}")))
            }
        }
    }

    /// Notes that an artifact is gone. What is known of its params stays.
    pub(crate) fn remove(&mut self, db: &Connection, id: i64, stamp: Option<Stamp>) -> Result<()> {
        let node = node_by_id(db, id)?;
        if let Some(slot) = node.slot {
            self.set_state(db, node.step, slot, State::Removed)?;
        }
        mark(db, id, State::Removed, stamp, None)
    }

    /// Reads what records of removal say. Artifacts that are there are read afterwards.
    pub(crate) fn read_removals(&mut self, db: &Connection, store: &Store, stems: &[String]) -> Result<()> {
        for stem in stems {
            let Ok(Some(removed)) = store.removed(stem) else { continue };
            let Some(manifest) = removed.manifest() else { continue };
            if manifest.id().is_ok_and(|id| id.stem() == stem) {
                let mut found = node(db, stem, Some(&manifest.key))?;
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
        let inputs = i64::try_from(manifest.inputs.len()).unwrap_or(i64::MAX);
        for (name, count) in [("@inputs", inputs), ("@accepted", accepted_in(manifest))] {
            if count > 0 || is_replaced {
                self.columns.set(db, step, name, slot, Cell::int(count))?;
            }
        }
        add_edges(db, id, below)
    }

    fn set_state(&mut self, db: &Connection, step: i64, slot: usize, state: State) -> Result<()> {
        self.columns.set(db, step, "@state", slot, Cell::int(state as i64))
    }

    /// Reads what people say of an artifact.
    pub(crate) fn read_labels(&self, db: &Connection, store: &Store, stem: &str, stamp: Option<Stamp>) -> Result<()> {
        // Labels that can't be read protect the artifact, since they may be a pin.
        let (labels, stamp) = match store.labels(stem) {
            Ok(labels) => (labels, stamp),
            Err(error) => (Labels::pinned_because(format!("{UNREADABLE}{error}")), None),
        };
        let text = serde_json::to_vec(&labels).unwrap_or_default();
        set_labels(db, node(db, stem, None)?.id, Some((&text, stamp.as_ref())))
    }

    /// Notes that people say nothing of an artifact any more.
    pub(crate) fn remove_labels(&self, db: &Connection, stem: &str) -> Result<()> {
        set_labels(db, node(db, stem, None)?.id, None)
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

/// Counts what somebody said to make no difference to an artifact.
pub(crate) fn accepted_in(manifest: &Manifest) -> i64 {
    let of_code: usize = manifest.code.iter().map(|code| code.accepted.len()).sum();
    let of_dependencies: usize = manifest.dependencies.iter().map(|dependency| dependency.accepted.len()).sum();
    let of_inputs: usize = manifest.inputs.iter().map(|input| input.accepted.len()).sum();
    let count = of_code + of_dependencies + of_inputs + manifest.accepted_step_types.len();
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Shortens a digest to a number: enough to see that two differ.
pub(crate) fn short(digest: Digest) -> Cell {
    Cell::int(i64::from_le_bytes(*digest.as_bytes().first_chunk().unwrap_or(&[0; 8])))
}
