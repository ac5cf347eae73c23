//! Tables, column by column.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::large::{large, limited, sum};
use crate::error::ParamError;
use crate::json::{Members, read_each};
use crate::kind::{ForPeople, Forms, Kind, Large, Shown, Typed};
use crate::put::{put_blob, put_count};
use crate::value::{Column, Value};

pub(crate) struct Table;

impl Kind for Table {
    type Body = Vec<Column>;

    const NAME: &'static str = "table";
    const TAG: u8 = 0x16;

    fn put(columns: &Vec<Column>, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
        put_count(out, columns.len());
        let rows = columns.first().map(Column::rows);
        for column in columns {
            if Some(column.rows()) != rows {
                return Err(ParamError::new(
                    Self::NAME,
                    "has a column of another length than its first",
                    "give each column a value, or null, for every row",
                )
                .in_field(column.name()));
            }
            put_blob(out, column.name().as_bytes());
            put_blob(out, column.type_name().as_bytes());
            column.values().put(out, depth + 1).map_err(|error| error.in_field(column.name()))?;
        }
        Ok(())
    }

    fn write<S: Serializer>(columns: &Vec<Column>, depth: usize, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(columns.iter().map(|column| ColumnJson(column, Typed(column.values(), depth + 1))))
    }

    fn read(json: &Json, depth: usize) -> Result<Vec<Column>, ParamError> {
        read_each(Self::NAME, json, |column| {
            let members = Members::of(Self::NAME, column)?.exactly(3)?;
            let values = Value::read(members.get("values")?, depth + 1).map_err(|error| error.in_field("values"))?;
            Column::new(members.text("name")?, members.text("type")?, values)
        })
    }

    fn show<S: Serializer>(columns: &Vec<Column>, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(columns.iter().map(|column| ColumnJson(column, ForPeople(column.values(), shown.deeper()))))
    }

    fn shows_parts(_: &Vec<Column>) -> bool {
        true
    }

    fn large(columns: &Vec<Column>) -> Option<Large> {
        let rows = columns.first().map_or(0, Column::rows);
        let what = format_args!("table of {} columns and {rows} rows", columns.len());
        large(weight_of(columns), what, |out| {
            out.push(Self::TAG);
            Self::put(columns, out, 1)
        })
    }

    fn weight_bytes(columns: &Vec<Column>) -> usize {
        limited(weight_of(columns))
    }

    fn has_parts_beyond(columns: &Vec<Column>, levels: usize) -> bool {
        columns.iter().any(|column| column.values().nests_beyond(levels))
    }
}

fn weight_of(columns: &[Column]) -> usize {
    sum(columns.iter().map(Column::values))
}

/// A column in JSON, with its values in one of their forms.
struct ColumnJson<'a, T>(&'a Column, T);

impl<T: Serialize> Serialize for ColumnJson<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(column, values) = self;
        let mut members = to.serialize_map(Some(3))?;
        members.serialize_entry("name", column.name())?;
        members.serialize_entry("type", column.type_name())?;
        members.serialize_entry("values", values)?;
        members.end()
    }
}
