//! When artifacts were used last, and how far the logs that tell it were read.

use rusqlite::{Connection, Row, params};

use super::nodes::{IS_STEM, stem_params};
use crate::error::Result;

/// Notes when an artifact was used, if that is later than what is known.
pub(crate) fn note_use(db: &Connection, stem: &str, at: i64) -> Result<()> {
    let sql = format!(
        "insert into used(node, at) select id, ?4 from node where {IS_STEM}
        on conflict(node) do update set at = max(at, excluded.at)"
    );
    let [from, to, stem] = stem_params(stem);
    db.prepare_cached(&sql)?.execute(params![from, to, stem, at])?;
    Ok(())
}

/// Returns when the artifacts of a step were used last, by slot.
pub(crate) fn uses(db: &Connection, step: i64) -> Result<Vec<(usize, i64)>> {
    let sql = "select slot, at from used join node on node = id where step = ? and slot is not null";
    let mut query = db.prepare_cached(sql)?;
    let read = |row: &Row<'_>| Ok((usize::try_from(row.get::<_, i64>(0)?).unwrap_or_default(), row.get(1)?));
    Ok(query.query_map([step], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Returns how far each log file was read: its name, inode and offset.
pub(crate) fn logs_read_up_to(db: &Connection) -> Result<Vec<(String, u64, u64)>> {
    let mut query = db.prepare_cached("select name, inode, offset from log")?;
    let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(i64::cast_unsigned);
    let read = |row: &Row<'_>| Ok((row.get(0)?, number(row, 1)?, number(row, 2)?));
    Ok(query.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Notes how far a log file was read.
pub(crate) fn set_log_read_up_to(db: &Connection, name: &str, inode: u64, offset: u64) -> Result<()> {
    let mut insert = db.prepare_cached("insert or replace into log(name, inode, offset) values(?, ?, ?)")?;
    insert.execute(params![name, inode.cast_signed(), offset.cast_signed()])?;
    Ok(())
}
