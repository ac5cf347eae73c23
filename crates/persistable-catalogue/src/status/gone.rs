//! What the index knows of artifacts that are gone, where something that is there was made from them.

use persistable_store::{Listed, Manifest, Store};

use crate::error::Result;
use crate::facts::milliseconds_of;
use crate::index::{Cell, IndexedStep, Node, node_by_id, step_by_id};
use crate::reading::Reading;
use crate::writing::short;

/// Returns the beginning of the digest of an artifact's last payload.
pub(super) fn payload_of(reading: &Reading<'_>, node: &Node) -> Result<Option<i64>> {
    let Some(slot) = node.slot else { return Ok(None) };
    cell(reading, &step_by_id(reading.db, node.step)?, "@payload", slot)
}

/// Whether an artifact was made from the very payload that another one had when it was removed.
pub(super) fn is_source(reading: &Reading<'_>, store: &Store, gone: &Node, above: &Node) -> Result<bool> {
    let (Some(slot), Some(payload)) = (above.slot, payload_of(reading, gone)?) else { return Ok(false) };
    let step = step_by_id(reading.db, above.step)?;
    for (index, place) in reading.places(&step)?.iter().enumerate() {
        if place.get(slot).and_then(Cell::as_int) != Some(gone.id) {
            continue;
        }
        let used = cell(reading, &step, &format!("@used.{index}"), slot)?;
        if used == Some(payload) || (used.is_some() && accepts(reading, store, &step, above, index, payload)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an artifact was removed after another one was persisted.
pub(super) fn was_removed_after(
    reading: &Reading<'_>,
    store: &Store,
    gone: &str,
    step: &IndexedStep,
    slot: usize,
) -> Result<bool> {
    let removed = store.removed(gone).ok().flatten().and_then(|removed| milliseconds_of(&removed.removed_at));
    let persisted = cell(reading, step, ".persisted", slot)?;
    Ok(removed.zip(persisted).is_some_and(|(removed, persisted)| removed > persisted))
}

/// Returns what the manifest of an artifact says, or what it said before the artifact was removed.
pub(super) fn manifest(reading: &Reading<'_>, store: &Store, node: i64) -> Result<Option<Manifest>> {
    let node = node_by_id(reading.db, node)?;
    let removed = || store.removed(&node.stem).ok().flatten()?.manifest();
    Ok(match store.listed(&node.stem) {
        Some(Listed::Whole(artifact)) => Some(artifact.into_manifest()),
        Some(Listed::Unusable { .. }) => None,
        // The record may be that of an earlier removal.
        None => {
            let payload = payload_of(reading, &node)?;
            removed().filter(|manifest| short(manifest.payload.digest).as_int() == payload)
        }
    })
}

/// Whether somebody said that a payload of a dependency gives the same result.
fn accepts(
    reading: &Reading<'_>,
    store: &Store,
    step: &IndexedStep,
    above: &Node,
    index: usize,
    payload: i64,
) -> Result<bool> {
    let Some(slot) = above.slot else { return Ok(false) };
    if cell(reading, step, "@accepted", slot)?.unwrap_or_default() == 0 {
        return Ok(false);
    }
    let manifest = manifest(reading, store, above.id)?;
    let record = manifest.as_ref().and_then(|manifest| manifest.dependencies.get(index));
    Ok(record.is_some_and(|record| record.accepted.iter().any(|digest| short(*digest).as_int() == Some(payload))))
}

fn cell(reading: &Reading<'_>, step: &IndexedStep, column: &str, slot: usize) -> Result<Option<i64>> {
    Ok(reading.column(step, column)?.and_then(|column| column.get(slot)).and_then(Cell::as_int))
}
