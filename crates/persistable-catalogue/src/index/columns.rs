//! Columns of a step: a value for each of its artifacts, by slot.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::chunk::{Cell, Cells, ROWS, decode, encode};
use crate::error::{Error, ErrorKind, Result};

/// The cells of a step's artifacts, by slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    /// All but the last one have [`ROWS`] cells.
    chunks: Vec<Cells>,
    rows: usize,
}

impl Column {
    /// Returns a column that has the same cell everywhere.
    pub(crate) fn of(cell: Cell, rows: usize) -> Self {
        let count = |start| ROWS.min(rows - start);
        Self { chunks: (0..rows).step_by(ROWS).map(|start| Cells::Same(cell, count(start))).collect(), rows }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    pub(crate) fn get(&self, slot: usize) -> Option<Cell> {
        self.chunks.get(slot / ROWS)?.get(slot % ROWS)
    }

    /// Sets a cell, if there is such a slot.
    pub(crate) fn set(&mut self, slot: usize, cell: Cell) {
        let Some(chunk) = self.chunks.get_mut(slot / ROWS) else { return };
        let mut cells = match *chunk {
            Cells::Plain(ref mut cells) => std::mem::take(cells),
            ref packed => packed.to_vec(),
        };
        if let Some(target) = cells.get_mut(slot % ROWS) {
            *target = cell;
        }
        *chunk = Cells::Plain(cells);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Cell> {
        self.chunks.iter().flat_map(|chunk| (0..chunk.len()).filter_map(|at| chunk.get(at)))
    }
}

impl FromIterator<Cell> for Column {
    fn from_iter<T: IntoIterator<Item = Cell>>(cells: T) -> Self {
        let mut cells = cells.into_iter();
        let mut column = Self::default();
        loop {
            let chunk: Vec<Cell> = cells.by_ref().take(ROWS).collect();
            if chunk.is_empty() {
                return column;
            }
            column.rows += chunk.len();
            column.chunks.push(Cells::of(&chunk));
        }
    }
}

/// So many chunks are kept while writing.
const MOST_OPEN: usize = 192;

/// Reads a column of `rows` cells; `None` if the step has none of this name.
pub(crate) fn column(db: &Connection, step: i64, name: &str, rows: usize) -> Result<Option<Column>> {
    let Some(path) = path_of(db, step, name)? else { return Ok(None) };
    let mut column = Column::of(Cell::MISSING, rows);
    let mut query = db.prepare_cached("select number, cells from chunk where path = ? order by number")?;
    let mut found = query.query([path])?;
    while let Some(row) = found.next()? {
        let number: i64 = row.get(0)?;
        let cells = decode(row.get_ref(1)?.as_blob().unwrap_or_default()).ok_or_else(damaged)?;
        let Some(target) = usize::try_from(number).ok().and_then(|number| column.chunks.get_mut(number)) else {
            continue;
        };
        // Artifacts that came later may lack what the column has.
        *target = if cells.len() == target.len() {
            cells
        } else {
            let mut all = cells.to_vec();
            all.resize(target.len(), Cell::MISSING);
            Cells::of(&all)
        };
    }
    Ok(Some(column))
}

/// Lists the names of a step's columns, in the order in which they came.
pub(crate) fn column_names(db: &Connection, step: i64) -> Result<Vec<String>> {
    let mut query = db.prepare_cached("select name from path where step = ? order by id")?;
    let names = query.query_map([step], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(names)
}

fn path_of(db: &Connection, step: i64, name: &str) -> Result<Option<i64>> {
    let mut query = db.prepare_cached("select id from path where step = ? and name = ?")?;
    Ok(query.query_row(params![step, name], |row| row.get(0)).optional()?)
}

fn damaged() -> Error {
    Error::new(ErrorKind::DamagedIndex, "a column of the index is damaged")
}

/// Writes cells into columns.
#[derive(Debug, Default)]
pub(crate) struct ColumnWriter {
    paths: HashMap<(i64, String), i64>,
    open: HashMap<(i64, i64), Vec<Cell>>,
}

impl ColumnWriter {
    /// Sets a cell. [`finish`](Self::finish) writes it.
    pub(crate) fn set(&mut self, db: &Connection, step: i64, name: &str, slot: usize, cell: Cell) -> Result<()> {
        let path = self.path(db, step, name)?;
        let (number, at) = (i64::try_from(slot / ROWS).unwrap_or(i64::MAX), slot % ROWS);
        if !self.open.contains_key(&(path, number)) {
            if self.open.len() >= MOST_OPEN {
                self.finish(db)?;
            }
            let mut query = db.prepare_cached("select cells from chunk where path = ? and number = ?")?;
            let bytes: Option<Vec<u8>> = query.query_row(params![path, number], |row| row.get(0)).optional()?;
            let cells = bytes.map(|bytes| decode(&bytes).ok_or_else(damaged)).transpose()?;
            let cells = cells.map_or_else(Vec::new, |cells| cells.to_vec());
            self.open.insert((path, number), cells);
        }
        let cells = self.open.entry((path, number)).or_default();
        if cells.len() <= at {
            cells.resize(at + 1, Cell::MISSING);
        }
        if let Some(target) = cells.get_mut(at) {
            *target = cell;
        }
        Ok(())
    }

    /// Writes what was set.
    pub(crate) fn finish(&mut self, db: &Connection) -> Result<()> {
        let mut insert = db.prepare_cached("insert or replace into chunk(path, number, cells) values(?, ?, ?)")?;
        for ((path, number), cells) in self.open.drain() {
            insert.execute(params![path, number, encode(&Cells::of(&cells))])?;
        }
        Ok(())
    }

    fn path(&mut self, db: &Connection, step: i64, name: &str) -> Result<i64> {
        if let Some(path) = self.paths.get(&(step, name.to_owned())) {
            return Ok(*path);
        }
        let path = match path_of(db, step, name)? {
            Some(path) => path,
            None => db.prepare_cached("insert into path(step, name) values(?, ?)")?.insert(params![step, name])?,
        };
        self.paths.insert((step, name.to_owned()), path);
        Ok(path)
    }
}
