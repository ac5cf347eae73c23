//! What people say of artifacts.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::nodes::{IS_STEM, Stamp, stem_params};
use crate::error::Result;

/// Returns the stamps of the labels that are known, by stem.
pub(crate) fn known_labels(db: &Connection) -> Result<HashMap<String, Option<Stamp>>> {
    let mut query =
        db.prepare_cached("select stem, labels_stamp from node indexed by node_labelled where labels is not null")?;
    Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
}

/// Returns the stamp of an artifact's labels; `None` if no labels of it are known.
pub(crate) fn labels_stamp(db: &Connection, stem: &str) -> Result<Option<Option<Stamp>>> {
    let sql = format!("select labels_stamp from node where {IS_STEM} and labels is not null");
    Ok(db.prepare_cached(&sql)?.query_row(stem_params(stem), |row| row.get(0)).optional()?)
}

/// Sets the labels of an artifact with their stamp, or removes them.
pub(crate) fn set_labels(db: &Connection, id: i64, labels: Option<(&[u8], Option<&Stamp>)>) -> Result<()> {
    let (text, stamp) = labels.map_or((None, None), |(text, stamp)| (Some(text), stamp));
    let mut update = db.prepare_cached("update node set labels = ?, labels_stamp = ? where id = ?")?;
    update.execute(params![text, stamp, id])?;
    Ok(())
}

/// Returns the labels of all artifacts that have some, by step and slot.
pub(crate) fn labelled(db: &Connection, step: i64) -> Result<Vec<(usize, Vec<u8>)>> {
    // Without being told, SQLite looks at all nodes of the step.
    let sql = "select slot, labels from node indexed by node_labelled
        where step = ? and labels is not null and slot is not null";
    let mut query = db.prepare_cached(sql)?;
    let read = |row: &Row<'_>| Ok((usize::try_from(row.get::<_, i64>(0)?).unwrap_or_default(), row.get(1)?));
    Ok(query.query_map([step], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Lists the stems of artifacts whose labels have to be looked at again.
pub(crate) fn unsettled_labels(db: &Connection) -> Result<Vec<String>> {
    let sql = "select stem from node indexed by node_labelled where labels is not null and labels_stamp is null";
    let mut query = db.prepare_cached(sql)?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}
