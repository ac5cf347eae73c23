//! Types with fields.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::fields::{FieldsForPeople, TypedFields, put_fields, read_fields};
use super::large::sum;
use crate::error::ParamError;
use crate::json::Members;
use crate::kind::{Forms, Kind, Shown};
use crate::put::put_blob;
use crate::value;

pub(crate) struct Record;

impl Kind for Record {
    type Body = value::Record;

    const NAME: &'static str = "record";
    const TAG: u8 = 0x14;

    fn put(record: &value::Record, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
        put_blob(out, record.name().as_bytes());
        put_fields(out, record.fields(), depth + 1)
    }

    fn write<S: Serializer>(record: &value::Record, depth: usize, to: S) -> Result<S::Ok, S::Error> {
        let mut members = to.serialize_map(Some(2))?;
        members.serialize_entry("type", record.name())?;
        members.serialize_entry("fields", &TypedFields(record.fields(), depth + 1))?;
        members.end()
    }

    fn read(json: &Json, depth: usize) -> Result<value::Record, ParamError> {
        let members = Members::of(Self::NAME, json)?.exactly(2)?;
        let name = members.text("type")?;
        let fields = read_fields(members.get("fields")?, depth + 1)?;
        Ok(value::Record::new(String::from(name), fields))
    }

    fn show<S: Serializer>(record: &value::Record, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
        FieldsForPeople(record.fields(), shown.deeper()).serialize(to)
    }

    fn shows_parts(_: &value::Record) -> bool {
        true
    }

    fn weight_bytes(record: &value::Record) -> usize {
        sum(record.fields().iter().map(|(_, value)| value))
    }

    fn has_parts_beyond(record: &value::Record, levels: usize) -> bool {
        record.fields().values().any(|value| value.nests_beyond(levels))
    }
}
