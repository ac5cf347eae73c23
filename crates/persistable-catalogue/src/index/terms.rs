//! Values that are not numbers: each is stored once.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::chunk::{BOOL, Cell, FLOAT, INT, MISSING, NULL, TERM};
use crate::error::{Error, ErrorKind, Result};
use crate::scalar::{Kind, Other, Scalar};

/// So many are kept in mind.
const MOST_KNOWN: usize = 1 << 16;

/// Gives values their numbers.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    known: HashMap<[u8; 16], u64>,
}

impl Terms {
    /// Returns the cell of a value, which gets a number if it has none.
    pub(crate) fn cell(&mut self, db: &Connection, scalar: &Scalar) -> Result<Cell> {
        if let Scalar::Other(other) = scalar {
            return Ok(Cell { tag: TERM, bits: self.number(db, other)? });
        }
        Ok(plain_cell(scalar))
    }

    fn number(&mut self, db: &Connection, other: &Other) -> Result<u64> {
        if let Some(number) = self.known.get(&other.digest) {
            return Ok(*number);
        }
        let number = match number_of(db, other)? {
            Some(number) => number,
            None => {
                let mut insert =
                    db.prepare_cached("insert into term(digest, kind, number, text) values(?, ?, ?, ?)")?;
                insert.insert(params![other.digest, other.kind as u8, other.number, other.text])?.cast_unsigned()
            }
        };
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        self.known.insert(other.digest, number);
        Ok(number)
    }
}

fn number_of(db: &Connection, other: &Other) -> Result<Option<u64>> {
    use rusqlite::OptionalExtension;
    let mut query = db.prepare_cached("select id from term where digest = ?")?;
    let found: Option<i64> = query.query_row([other.digest], |row| row.get(0)).optional()?;
    Ok(found.map(i64::cast_unsigned))
}

fn plain_cell(scalar: &Scalar) -> Cell {
    match scalar {
        Scalar::Missing | Scalar::Other(_) => Cell::MISSING,
        Scalar::Null => Cell { tag: NULL, bits: 0 },
        Scalar::Bool(truth) => Cell { tag: BOOL, bits: u64::from(*truth) },
        Scalar::Int(int) => Cell::int(*int),
        Scalar::Float(float) => Cell { tag: FLOAT, bits: float.to_bits() },
    }
}

/// Returns the cell of a value; `None` if the index never saw it.
pub(crate) fn cell_of(db: &Connection, scalar: &Scalar) -> Result<Option<Cell>> {
    match scalar {
        Scalar::Other(other) => Ok(number_of(db, other)?.map(|bits| Cell { tag: TERM, bits })),
        _ => Ok(Some(plain_cell(scalar))),
    }
}

/// Returns the value of a number.
pub(crate) fn term(db: &Connection, number: u64) -> Result<Other> {
    let mut query = db.prepare_cached("select kind, number, text, digest from term where id = ?")?;
    Ok(query.query_row([number.cast_signed()], |row| {
        Ok(Other {
            kind: Kind::of(row.get(0)?).unwrap_or(Kind::Other),
            number: row.get(1)?,
            text: row.get(2)?,
            digest: row.get(3)?,
        })
    })?)
}

/// Returns the value of a cell.
pub(crate) fn scalar_of(db: &Connection, cell: Cell) -> Result<Scalar> {
    Ok(match cell.tag {
        MISSING => Scalar::Missing,
        NULL => Scalar::Null,
        BOOL => Scalar::Bool(cell.bits != 0),
        INT => Scalar::Int(cell.bits.cast_signed()),
        FLOAT => Scalar::Float(f64::from_bits(cell.bits)),
        TERM => Scalar::Other(term(db, cell.bits)?),
        _ => return Err(Error::new(ErrorKind::DamagedIndex, "the index has a cell of an unknown kind")),
    })
}
