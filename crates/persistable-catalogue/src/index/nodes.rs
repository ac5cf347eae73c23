//! Artifacts, by stem: those that are there, those that were, and those that others name.

use persistable_store::Digest;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::Result;
use crate::state::State;

/// A kind of payload.
#[derive(Clone, Debug)]
pub(crate) struct IndexedStep {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// So many artifacts have a slot.
    pub(crate) rows: usize,
}

/// An artifact, as the index knows it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) id: i64,
    pub(crate) stem: String,
    /// In full, or the part of it that the stem has.
    pub(crate) key: String,
    pub(crate) step: i64,
    pub(crate) slot: Option<usize>,
    pub(crate) state: State,
    pub(crate) problem: Option<String>,
}

/// What tells versions of a file apart: the beginning of the stamp that the store gives.
pub(crate) type Stamp = [u8; 16];

/// Shortens a stamp of the store.
pub(crate) fn stamp_of(stamp: &Digest) -> Stamp {
    *stamp.as_bytes().first_chunk().unwrap_or(&[0; 16])
}

const COLUMNS: &str = "id, stem, step, slot, state, problem, key";

/// Finds a node by its stem, over the index of keys: a stem has the first half of the key. A second index of as many texts would
/// take as long to write as all else.
pub(super) const IS_STEM: &str = "key >= ?1 and key < ?2 and stem = ?3";

/// Returns the values for [`IS_STEM`].
pub(super) fn stem_params(stem: &str) -> [String; 3] {
    let (_, hex) = parts_of(stem);
    // No digit comes after `f`. A name without digits has the empty key.
    let end = if hex.is_empty() { "0".to_owned() } else { format!("{hex}g") };
    [hex.to_owned(), end, stem.to_owned()]
}

fn read_node(row: &Row<'_>) -> rusqlite::Result<Node> {
    Ok(Node {
        id: row.get(0)?,
        stem: row.get(1)?,
        step: row.get(2)?,
        slot: row.get::<_, Option<i64>>(3)?.and_then(|slot| usize::try_from(slot).ok()),
        state: State::of(row.get(4)?),
        problem: row.get(5)?,
        key: row.get(6)?,
    })
}

fn read_step(row: &Row<'_>) -> rusqlite::Result<IndexedStep> {
    Ok(IndexedStep {
        id: row.get(0)?,
        name: row.get(1)?,
        rows: usize::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
    })
}

/// Lists the steps by name.
pub(crate) fn steps(db: &Connection) -> Result<Vec<IndexedStep>> {
    let mut query = db.prepare_cached("select id, name, rows from step order by name")?;
    Ok(query.query_map([], read_step)?.collect::<rusqlite::Result<_>>()?)
}

/// Returns a step by its name.
pub(crate) fn step(db: &Connection, name: &str) -> Result<Option<IndexedStep>> {
    let mut query = db.prepare_cached("select id, name, rows from step where name = ?")?;
    Ok(query.query_row([name], read_step).optional()?)
}

/// Returns a step by its number.
pub(crate) fn step_by_id(db: &Connection, id: i64) -> Result<IndexedStep> {
    let mut query = db.prepare_cached("select id, name, rows from step where id = ?")?;
    Ok(query.query_row([id], read_step)?)
}

/// Returns the node of a stem, which is added if it is not there yet. The key is the part of it that is known.
pub(crate) fn node(db: &Connection, stem: &str, key: Option<&str>) -> Result<Node> {
    if let Some(mut node) = node_of_stem(db, stem)? {
        if let Some(key) = key.filter(|key| key.len() > node.key.len()) {
            db.prepare_cached("update node set key = ? where id = ?")?.execute(params![key, node.id])?;
            key.clone_into(&mut node.key);
        }
        return Ok(node);
    }
    let (name, hex) = parts_of(stem);
    let key = key.unwrap_or(hex).to_owned();
    let step = match step(db, name)? {
        Some(step) => step.id,
        None => db.prepare_cached("insert into step(name, rows) values(?, 0)")?.insert([name])?,
    };
    let state = State::Unknown;
    let mut insert = db.prepare_cached("insert into node(stem, key, step, state) values(?, ?, ?, ?)")?;
    let id = insert.insert(params![stem, key, step, state as u8])?;
    Ok(Node { id, stem: stem.to_owned(), key, step, slot: None, state, problem: None })
}

/// Returns the payload name and the digits of the key in a stem.
pub(crate) fn parts_of(stem: &str) -> (&str, &str) {
    stem.strip_suffix(')').and_then(|stem| stem.rsplit_once('(')).unwrap_or((stem, ""))
}

/// Returns the slot of a node, which gets the next one of its step if it has none.
pub(crate) fn place(db: &Connection, node: &mut Node) -> Result<usize> {
    if let Some(slot) = node.slot {
        return Ok(slot);
    }
    let slot = step_by_id(db, node.step)?.rows;
    let number = i64::try_from(slot).unwrap_or(i64::MAX);
    db.prepare_cached("update step set rows = ? where id = ?")?.execute(params![number + 1, node.step])?;
    db.prepare_cached("update node set slot = ? where id = ?")?.execute(params![number, node.id])?;
    node.slot = Some(slot);
    Ok(slot)
}

/// Notes how an artifact is, and the stamps of its manifest.
pub(crate) fn mark(db: &Connection, id: i64, state: State, stamp: Option<Stamp>, problem: Option<&str>) -> Result<()> {
    let mut update = db.prepare_cached("update node set state = ?, stamp = ?, problem = ? where id = ?")?;
    update.execute(params![state as u8, stamp, problem, id])?;
    Ok(())
}

/// Returns the node of a stem.
pub(crate) fn node_of_stem(db: &Connection, stem: &str) -> Result<Option<Node>> {
    let mut query = db.prepare_cached(&format!("select {COLUMNS} from node where {IS_STEM}"))?;
    Ok(query.query_row(stem_params(stem), read_node).optional()?)
}

/// Returns the node of a number.
pub(crate) fn node_by_id(db: &Connection, id: i64) -> Result<Node> {
    let mut query = db.prepare_cached(&format!("select {COLUMNS} from node where id = ?"))?;
    Ok(query.query_row([id], read_node)?)
}

/// Returns some nodes whose key begins with these digits.
pub(crate) fn nodes_by_prefix(db: &Connection, name: &str, prefix: &str, most: u32) -> Result<Vec<Node>> {
    let mut query = db.prepare_cached(&format!(
        "select {COLUMNS} from node where key >= ?1 and key < ?2
                and (?3 = '' or substr(stem, 1, length(?3) + 1) = ?3 || '(')
            order by state >= 4, key limit ?4"
    ))?;
    let end = format!("{prefix}g");
    Ok(query.query_map(params![prefix, end, name, most], read_node)?.collect::<rusqlite::Result<_>>()?)
}

/// Returns the keys next to a key: before and after it.
pub(crate) fn neighbours(db: &Connection, key: &str) -> Result<[Option<String>; 2]> {
    let mut before = db.prepare_cached("select key from node where key < ? order by key desc limit 1")?;
    let mut after = db.prepare_cached("select key from node where key > ? order by key limit 1")?;
    let read = |row: &Row<'_>| row.get(0);
    Ok([before.query_row([key], read).optional()?, after.query_row([key], read).optional()?])
}

/// Notes what an artifact was made from.
pub(crate) fn add_edges(db: &Connection, above: i64, below: impl IntoIterator<Item = i64>) -> Result<()> {
    let mut insert = db.prepare_cached("insert or ignore into edge(below, above) values(?, ?)")?;
    for below in below {
        insert.execute([below, above])?;
    }
    Ok(())
}

/// Lists the artifacts that were made from one.
pub(crate) fn nodes_above(db: &Connection, below: i64) -> Result<Vec<Node>> {
    let sql = format!("select {COLUMNS} from node where id in (select above from edge where below = ?) order by stem");
    let mut query = db.prepare_cached(&sql)?;
    Ok(query.query_map([below], read_node)?.collect::<rusqlite::Result<_>>()?)
}

/// Lists the stems of artifacts that are there, and whose manifests have to be looked at again.
pub(crate) fn unsettled(db: &Connection) -> Result<Vec<String>> {
    let mut query =
        db.prepare_cached("select stem from node indexed by node_unsettled where stamp is null and state < 4")?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Lists the nodes of a step that have no slot: others name them, and nothing is known of them.
pub(crate) fn without_slot(db: &Connection, step: i64) -> Result<Vec<i64>> {
    let mut query = db.prepare_cached("select id from node where step = ? and slot is null")?;
    Ok(query.query_map([step], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}
