//! Bringing the index up to date with the store.

use persistable_store::Store;
use rusqlite::Connection;
use serde::Serialize;

use crate::difference::Difference;
use crate::error::Result;
use crate::index::{Index, meta, set_meta};
use crate::manifests::listed;
use crate::watching::Watching;
use crate::writing::Writing;

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
pub(crate) fn refresh(index: &mut Index, store: &Store, watching: &mut Watching) -> Result<Refreshed> {
    // What shows in the stamp, the watch tells. So the stamp comes first.
    let stamp = store.stamp();
    let has_news = watching.look();
    if let Some(stamp) = stamp
        && !has_news
        && meta(&*index.read()?, STAMP)?.is_some_and(|known| known == stamp.as_bytes())
    {
        return Ok(Refreshed::default());
    }
    let db = index.write()?;
    let difference = match watching.told() {
        Some((watch, names)) => Difference::of_names(&db, watch, names)?,
        None => {
            watching.begin(store);
            Difference::of_survey(&db, store)?
        }
    };
    let refreshed = write(&db, store, difference)?;
    set_meta(&db, STAMP, stamp.as_ref().map(|stamp| stamp.as_bytes().as_slice()))?;
    db.commit()?;
    watching.is_done();
    Ok(refreshed)
}

fn write(db: &Connection, store: &Store, difference: Difference) -> Result<Refreshed> {
    let mut writing = Writing::default();
    let refreshed = Refreshed { read: difference.changed.len(), removed: difference.removed };
    for node in difference.gone {
        writing.remove(db, node, None)?;
    }
    if meta(db, REMOVALS)?.is_none() {
        // Later ones are noticed, as the artifacts were known.
        writing.read_removals(db, store)?;
        set_meta(db, REMOVALS, Some(&[]))?;
    }
    for batch in difference.changed.chunks(BATCH) {
        let stems: Vec<String> = batch.iter().map(|(stem, _)| stem.clone()).collect();
        for (listed, (stem, stamp)) in listed(store, &stems).into_iter().zip(batch) {
            writing.add(db, stem, *stamp, listed)?;
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
