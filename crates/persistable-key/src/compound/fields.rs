//! The fields of records and of steps.

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::json::Members;
use crate::kind::{ForPeople, Forms, Shown, Typed};
use crate::put::{put_blob, put_count};
use crate::value::{Fields, KeyedField, Value};

/// Writes the canonical bytes of fields whose values stand at `depth`.
pub(crate) fn put_fields(out: &mut Vec<u8>, fields: &Fields, depth: usize) -> Result<(), ParamError> {
    let mut sorted: Vec<KeyedField<'_>> = fields.keyed().collect();
    sorted.sort_by(|a, b| order_of(a).cmp(&order_of(b)));
    put_count(out, sorted.len());
    let mut previous = None;
    for field in sorted {
        if previous == Some(field.name) {
            return Err(occurs_twice(&field));
        }
        previous = Some(field.name);
        put_blob(out, field.name.as_bytes());
        field.value.put(out, depth).map_err(|error| error.in_field(field.shown))?;
    }
    Ok(())
}

/// The bytes of a `string` begin with its length, so that is what they are sorted by first.
fn order_of<'a>(field: &KeyedField<'a>) -> (usize, &'a str) {
    (field.name.len(), field.name)
}

fn occurs_twice(field: &KeyedField<'_>) -> ParamError {
    let problem = format!("has the name `{}` of another field", field.name);
    ParamError::new(field.value.kind_name(), problem, "give each field a name of its own").in_field(field.shown)
}

/// The typed JSON of the fields that are in the key, whose values stand at a depth.
pub(crate) struct TypedFields<'a>(pub(crate) &'a Fields, pub(crate) usize);

impl Serialize for TypedFields<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.keyed().map(|field| (field.name, Typed(field.value, self.1))))
    }
}

/// What people read of the fields that they are to see.
pub(crate) struct FieldsForPeople<'a>(pub(crate) &'a Fields, pub(crate) Shown);

impl Serialize for FieldsForPeople<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, ForPeople(value, self.1))))
    }
}

/// Reads what [`TypedFields`] writes.
pub(crate) fn read_fields(json: &Json, depth: usize) -> Result<Fields, ParamError> {
    let members = Members::of("record", json)?;
    let mut fields = Fields::with_capacity(members.len());
    for (name, json) in members.iter() {
        fields.push(name.clone(), Value::read(json, depth).map_err(|error| error.in_field(name))?);
    }
    Ok(fields)
}
