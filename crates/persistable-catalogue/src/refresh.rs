//! Bringing the index up to date with the store.

use persistable_store::Store;
use rusqlite::Connection;
use serde::Serialize;

use crate::error::Result;
use crate::index::{Index, version};
use crate::index_difference::{IndexDifference, Thoroughness};
use crate::manifests::listed;
use crate::watching::Watching;
use crate::writing::Writing;

/// So many manifests are read before they are written to the index.
const BATCH: usize = 2048;

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
pub(crate) fn refresh(
    index: &mut Index,
    store: &Store,
    watching: &mut Watching,
    thoroughness: Thoroughness,
) -> Result<Refreshed> {
    // What shows in the stamp, the watch tells. So the stamp comes first.
    let stamp = store.stamp();
    watching.look();
    let (difference, seen) = {
        let db = index.read()?;
        // From here on, the index is read as it is now, and the store as it is then or later.
        let seen = version(&db)?;
        (IndexDifference::of(&db, store, watching, stamp, thoroughness)?, seen)
    };
    let mut refreshed = Refreshed::default();
    if !difference.is_none() {
        let db = index.write()?;
        // What another process wrote meanwhile may be later than what was found in the store.
        let difference = match version(&db)? == seen {
            true => difference,
            false => IndexDifference::of(&db, store, watching, stamp, thoroughness)?,
        };
        refreshed = write(&db, store, difference)?;
        db.commit()?;
    }
    watching.is_done();
    Ok(refreshed)
}

fn write(db: &Connection, store: &Store, difference: IndexDifference) -> Result<Refreshed> {
    let mut writing = Writing::default();
    difference.note(db)?;
    let refreshed = Refreshed { read: difference.changed.len(), removed: difference.removed };
    for node in difference.gone {
        writing.remove(db, node, None)?;
    }
    writing.read_removals(db, store, &difference.records.stems)?;
    for part in difference.changed.in_parts(BATCH) {
        let stems: Vec<String> = part.iter().map(|(stem, _)| (*stem).to_owned()).collect();
        for (listed, (stem, stamp)) in listed(store, &stems).into_iter().zip(part) {
            writing.add(db, stem, stamp, listed)?;
        }
    }
    writing.finish(db)?;
    for (stem, stamp) in difference.labelled {
        writing.read_labels(db, store, &stem, stamp)?;
    }
    for stem in difference.unlabelled {
        writing.remove_labels(db, &stem)?;
    }
    Ok(refreshed)
}
