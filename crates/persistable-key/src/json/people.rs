//! The natural form, which loses kinds and is never read back.

use serde_json::{Map, Value as Json, json};

use super::number::float_to_json;
use crate::encode::{MAX_DEPTH, order_entries, order_members};
use crate::hex::to_hex;
use crate::normal_path::normal_path;
use crate::uuid_text::uuid_to_text;
use crate::value::{Fields, Value};

const NANOSECONDS_PER_SECOND: u128 = 1_000_000_000;

impl Value {
    /// Returns the JSON that people read and query: `5`, `"a"`, `{"depth": 3}`. It does not tell all kinds apart.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use persistable_key::Param;
    ///
    /// let value = (Some(5), f64::NAN, Duration::from_millis(1500)).to_value()?;
    /// assert_eq!(value.for_people().to_string(), r#"[5,"nan","1.5s"]"#);
    /// # Ok::<(), persistable_key::ParamError>(())
    /// ```
    pub fn for_people(&self) -> Json {
        natural(self, 1)
    }
}

impl Fields {
    /// Returns the JSON that people read, of all fields in the order in which the type declares them.
    pub fn for_people(&self) -> Map<String, Json> {
        natural_fields(self, 1)
    }
}

fn natural(value: &Value, depth: usize) -> Json {
    if depth > MAX_DEPTH {
        return Json::from("…");
    }
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::from(*truth),
        Value::Int(int) => match int.to_i128() {
            Some(small) => i64::try_from(small)
                .map(Json::from)
                .or_else(|_| u64::try_from(small).map(Json::from))
                .unwrap_or_else(|_| Json::from(int.to_string())),
            None => Json::from(int.to_string()),
        },
        Value::Float(float) => float_to_json(*float),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Bytes(bytes) => Json::from(to_hex(bytes)),
        Value::List(elements) | Value::Tuple(elements) => {
            elements.iter().map(|element| natural(element, depth + 1)).collect()
        }
        Value::Set(members) => {
            let mut members: Vec<&Value> = members.iter().collect();
            order_members(&mut members);
            members.into_iter().map(|member| natural(member, depth + 1)).collect()
        }
        Value::Map(entries) => natural_map(entries, depth),
        Value::Date(date) => Json::from(date.to_string()),
        Value::Time(time) => Json::from(time.to_string()),
        Value::DateTime(date, time) => Json::from(format!("{date}T{time}")),
        Value::Zoned(zoned) => Json::from(zoned.to_string()),
        Value::Duration(nanoseconds) => Json::from(seconds(*nanoseconds)),
        Value::Decimal(decimal) => Json::from(decimal.to_plain()),
        Value::Uuid(bytes) => Json::from(uuid_to_text(bytes)),
        Value::Path(path) => Json::from(&*normal_path(path)),
        Value::Complex(real, imaginary) => Json::from(format!("{real}{imaginary:+}i")),
        Value::Enum(member) => match member.data() {
            None => Json::from(member.member()),
            Some(data) => json!({ member.member(): natural(data, depth + 1) }),
        },
        Value::Record(record) => Json::Object(natural_fields(record.fields(), depth + 1)),
        Value::Array(array) => json!({
            "dtype": array.dtype().as_str(),
            "shape": array.shape(),
            "digest": to_hex(array.digest()),
        }),
        Value::Table(columns) => columns
            .iter()
            .map(|column| {
                json!({
                    "name": column.name(),
                    "type": column.type_name(),
                    "values": natural(column.values(), depth + 1),
                })
            })
            .collect(),
    }
}

fn natural_fields(fields: &Fields, depth: usize) -> Map<String, Json> {
    fields.iter().map(|(name, value)| (String::from(name), natural(value, depth))).collect()
}

/// Makes an object where every key has a text of its own, else a list of pairs.
fn natural_map(entries: &[(Value, Value)], depth: usize) -> Json {
    let mut entries: Vec<&(Value, Value)> = entries.iter().collect();
    order_entries(&mut entries);
    let pairs: Vec<(Json, Json)> =
        entries.into_iter().map(|(key, value)| (natural(key, depth + 1), natural(value, depth + 1))).collect();
    let object: Option<Map<String, Json>> =
        pairs.iter().map(|(key, value)| Some((scalar_text(key)?, value.clone()))).collect();
    match object {
        Some(object) if object.len() == pairs.len() => Json::Object(object),
        _ => pairs.into_iter().map(|(key, value)| json!([key, value])).collect(),
    }
}

fn scalar_text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Array(_) | Json::Object(_) => None,
        Json::Null | Json::Bool(_) | Json::Number(_) => Some(json.to_string()),
    }
}

fn seconds(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let magnitude = nanoseconds.unsigned_abs();
    let whole = magnitude / NANOSECONDS_PER_SECOND;
    match magnitude % NANOSECONDS_PER_SECOND {
        0 => format!("{sign}{whole}s"),
        fraction => {
            let digits = format!("{fraction:09}");
            format!("{sign}{whole}.{}s", digits.trim_end_matches('0'))
        }
    }
}
