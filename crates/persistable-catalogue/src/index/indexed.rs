//! What the index knows of every artifact that is in the store, in little memory: a million of them are compared at once.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use rusqlite::{Connection, OptionalExtension, Row};

use super::nodes::{IS_STEM, Stamp, stem_params};
use crate::error::Result;
use crate::state::State;

/// What is known of an artifact that is in the store, or of what marks in the store that it was removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IndexedArtifact {
    pub(crate) node: i64,
    pub(crate) is_there: bool,
    pub(crate) stamp: Option<Stamp>,
}

/// What is known of each artifact, by a digest of its stem.
#[derive(Debug, Default)]
pub(crate) struct Indexed(HashMap<u128, IndexedArtifact, BuildHasherDefault<ItsBeginning>>);

impl Indexed {
    /// Reads what is known of each artifact that was in the store.
    pub(crate) fn read(db: &Connection) -> Result<Self> {
        const OF_THE_STORE: &str = "from node where state < 4 or stamp is not null";
        let count: i64 = db.query_row(&format!("select count(*) {OF_THE_STORE}"), [], |row| row.get(0))?;
        let count = usize::try_from(count).unwrap_or_default();
        let mut known = HashMap::with_capacity_and_hasher(count, BuildHasherDefault::default());
        let mut query = db.prepare_cached(&format!("select id, state, stamp, stem {OF_THE_STORE}"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let stem = row.get_ref(3)?.as_str().unwrap_or_default();
            let is_there = State::of(row.get(1)?).is_there();
            known.insert(digest_of(stem), IndexedArtifact { node: row.get(0)?, is_there, stamp: row.get(2)? });
        }
        Ok(Self(known))
    }

    /// Returns what is known of an artifact that was found in the store, and takes it out.
    pub(crate) fn take(&mut self, stem: &str) -> Option<IndexedArtifact> {
        self.0.remove(&digest_of(stem))
    }

    /// Returns what is known of artifacts that were not taken out.
    pub(crate) fn rest(&self) -> impl Iterator<Item = &IndexedArtifact> {
        self.0.values()
    }
}

/// Returns what is known of one artifact.
pub(crate) fn indexed_of(db: &Connection, stem: &str) -> Result<Option<IndexedArtifact>> {
    let sql = format!("select id, state, stamp from node where {IS_STEM} and (state < 4 or stamp is not null)");
    let read = |row: &Row<'_>| {
        Ok(IndexedArtifact { node: row.get(0)?, is_there: State::of(row.get(1)?).is_there(), stamp: row.get(2)? })
    };
    Ok(db.prepare_cached(&sql)?.query_row(stem_params(stem), read).optional()?)
}

/// Returns a short digest of a stem.
pub(crate) fn digest_of(stem: &str) -> u128 {
    u128::from_le_bytes(*blake3::hash(stem.as_bytes()).as_bytes().first_chunk().unwrap_or(&[0; 16]))
}

/// The hash of a digest is its beginning.
#[derive(Debug, Default)]
struct ItsBeginning(u64);

impl Hasher for ItsBeginning {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
