//! The typed form, written.

use serde_json::{Map, Value as Json, json};

use super::number::{duration_to_json, float_to_json, int_to_json};
use crate::encode::{MAX_DEPTH, order_entries, order_members};
use crate::hex::to_hex;
use crate::normal_path::normal_path;
use crate::uuid_text::uuid_to_text;
use crate::value::{Column, EnumMember, Fields, Record, Value};

impl Value {
    /// Returns the typed JSON of the specification, from which [`from_json`](Value::from_json) makes the same value.
    ///
    /// Of a value without canonical bytes, what nests too deep is left out: such JSON is refused where it is read.
    ///
    /// ```
    /// use persistable_key::{Param, Value};
    ///
    /// let value = (2, "a").to_value()?;
    /// let json = value.to_json();
    /// assert_eq!(json.to_string(), r#"{"tuple":[{"int":2},{"text":"a"}]}"#);
    /// assert_eq!(Value::from_json(&json)?.canonical_bytes()?, value.canonical_bytes()?);
    /// # Ok::<(), persistable_key::ParamError>(())
    /// ```
    pub fn to_json(&self) -> Json {
        write(self, 1)
    }
}

impl Fields {
    /// Returns the typed JSON of the fields that are in the key, by the name they have there.
    pub fn to_json(&self) -> Map<String, Json> {
        write_fields(self, 1)
    }
}

fn write(value: &Value, depth: usize) -> Json {
    if depth > MAX_DEPTH {
        return Json::Null;
    }
    let body = match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::from(*truth),
        Value::Int(int) => int_to_json(int),
        Value::Float(float) => float_to_json(*float),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Bytes(bytes) => Json::from(to_hex(bytes)),
        Value::List(elements) | Value::Tuple(elements) => {
            elements.iter().map(|element| write(element, depth + 1)).collect()
        }
        Value::Set(members) => {
            let mut members: Vec<&Value> = members.iter().collect();
            order_members(&mut members);
            members.into_iter().map(|member| write(member, depth + 1)).collect()
        }
        Value::Map(entries) => {
            let mut entries: Vec<&(Value, Value)> = entries.iter().collect();
            order_entries(&mut entries);
            entries.into_iter().map(|(key, value)| json!([write(key, depth + 1), write(value, depth + 1)])).collect()
        }
        Value::Date(date) => Json::from(date.to_string()),
        Value::Time(time) => Json::from(time.to_string()),
        Value::DateTime(date, time) => Json::from(format!("{date}T{time}")),
        Value::Zoned(zoned) => json!({
            "seconds": zoned.seconds(),
            "nanoseconds": zoned.nanoseconds(),
            "offset_seconds": zoned.offset_seconds(),
            "zone": zoned.zone(),
        }),
        Value::Duration(nanoseconds) => duration_to_json(*nanoseconds),
        Value::Decimal(decimal) => Json::from(decimal.as_str()),
        Value::Uuid(bytes) => Json::from(uuid_to_text(bytes)),
        Value::Path(path) => Json::from(&*normal_path(path)),
        Value::Complex(real, imaginary) => {
            json!([float_to_json(*real), float_to_json(*imaginary)])
        }
        Value::Enum(member) => write_member(member, depth),
        Value::Record(record) => write_record(record, depth),
        Value::Array(array) => json!({
            "dtype": array.dtype().as_str(),
            "shape": array.shape(),
            "digest": to_hex(array.digest()),
        }),
        Value::Table(columns) => columns.iter().map(|column| write_column(column, depth)).collect(),
    };
    json!({ value.kind(): body })
}

fn write_member(member: &EnumMember, depth: usize) -> Json {
    let mut object = Map::new();
    object.insert("type".into(), member.type_name().into());
    object.insert("member".into(), member.member().into());
    if let Some(data) = member.data() {
        object.insert("data".into(), write(data, depth + 1));
    }
    Json::Object(object)
}

fn write_record(record: &Record, depth: usize) -> Json {
    json!({ "type": record.name(), "fields": write_fields(record.fields(), depth + 1) })
}

fn write_column(column: &Column, depth: usize) -> Json {
    json!({
        "name": column.name(),
        "type": column.type_name(),
        "values": write(column.values(), depth + 1),
    })
}

fn write_fields(fields: &Fields, depth: usize) -> Map<String, Json> {
    fields.keyed().map(|field| (String::from(field.name), write(field.value, depth))).collect()
}
