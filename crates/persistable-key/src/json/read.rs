//! The typed form, read: any JSON gives a value or an error, and each value has one form.

use serde_json::{Map, Value as Json};

use super::number::{duration_from_json, float_from_json, int_from_json};
use crate::array::Array;
use crate::calendar::Zoned;
use crate::encode::{MAX_DEPTH, too_deep};
use crate::error::ParamError;
use crate::hex::{digest_from_hex, from_hex};
use crate::uuid_text::uuid_from_text;
use crate::value::{Column, EnumMember, Fields, Record, Value};

impl Value {
    /// Reads the typed JSON of the specification.
    ///
    /// # Errors
    ///
    /// Refuses, with the path, whatever the specification does not give a meaning. It never panics.
    pub fn from_json(json: &Json) -> Result<Self, ParamError> {
        read(json, 1)
    }
}

impl Fields {
    /// Reads a step's params: typed JSON by the name each field has in the key.
    ///
    /// # Errors
    ///
    /// Refuses, with the path, whatever the specification does not give a meaning. It never panics.
    pub fn from_json(json: &Json) -> Result<Self, ParamError> {
        read_fields(json, 1)
    }
}

fn read(json: &Json, depth: usize) -> Result<Value, ParamError> {
    let Some((kind, body)) = json.as_object().and_then(only_member) else {
        return Err(ParamError::new(
            "JSON",
            "is not a typed value",
            "write an object with one member that is named by the kind, as in {\"int\": 5}",
        ));
    };
    if depth > MAX_DEPTH {
        return Err(too_deep("JSON"));
    }
    let value = match kind {
        "list" => Value::List(read_all(kind, body, depth)?),
        "tuple" => Value::Tuple(read_all(kind, body, depth)?),
        "set" => Value::Set(read_all(kind, body, depth)?),
        "map" => Value::Map(read_entries(body, depth)?),
        "enum" => Value::Enum(read_member(body, depth)?),
        "record" => Value::Record(read_record(body, depth)?),
        "table" => Value::Table(read_columns(body, depth)?),
        "zoned" => Value::Zoned(read_zoned(body)?),
        "array" => Value::Array(read_array(body)?),
        "date" => Value::Date(text(kind, body)?.parse()?),
        "time" => Value::Time(text(kind, body)?.parse()?),
        "datetime" => read_datetime(text(kind, body)?)?,
        "decimal" => Value::Decimal(text(kind, body)?.parse()?),
        "null" | "bool" | "int" | "float" | "text" | "bytes" | "duration" | "uuid" | "path" | "complex" => {
            read_plain(kind, body).ok_or_else(|| malformed(kind))?
        }
        unknown => {
            return Err(ParamError::new(
                String::from(unknown),
                "is of a kind that is not known",
                "use a kind of the specification; a newer version of persistable may know more",
            ));
        }
    };
    Ok(value)
}

/// Reads the kinds of which all that can be wrong is the form.
fn read_plain(kind: &str, body: &Json) -> Option<Value> {
    Some(match kind {
        "null" if body.is_null() => Value::Null,
        "bool" => Value::Bool(body.as_bool()?),
        "int" => Value::Int(int_from_json(body)?),
        "float" => Value::Float(float_from_json(body)?),
        "text" => Value::Text(body.as_str()?.into()),
        "bytes" => Value::Bytes(from_hex(body.as_str()?)?),
        "duration" => Value::Duration(duration_from_json(body)?),
        "uuid" => Value::Uuid(uuid_from_text(body.as_str()?)?),
        "path" => Value::Path(body.as_str()?.into()),
        "complex" => match body.as_array()?.as_slice() {
            [real, imaginary] => Value::Complex(float_from_json(real)?, float_from_json(imaginary)?),
            _ => return None,
        },
        _ => return None,
    })
}

fn read_all(kind: &str, body: &Json, depth: usize) -> Result<Vec<Value>, ParamError> {
    array(kind, body)?
        .iter()
        .enumerate()
        .map(|(index, json)| read(json, depth + 1).map_err(|error| error.at_index(index)))
        .collect()
}

fn read_entries(body: &Json, depth: usize) -> Result<Vec<(Value, Value)>, ParamError> {
    let entry = |json: &Json| match json.as_array().map(Vec::as_slice) {
        Some([key, value]) => Ok((read(key, depth + 1)?, read(value, depth + 1)?)),
        _ => Err(malformed("map")),
    };
    array("map", body)?
        .iter()
        .enumerate()
        .map(|(index, json)| entry(json).map_err(|error| error.at_index(index)))
        .collect()
}

fn read_member(body: &Json, depth: usize) -> Result<EnumMember, ParamError> {
    let object = object("enum", body)?;
    let data = match object.get("data") {
        Some(data) => Some(read(data, depth + 1).map_err(|error| error.in_field("data"))?),
        None => None,
    };
    exactly("enum", object, 2 + usize::from(data.is_some()))?;
    let name = |member| text("enum", get("enum", object, member)?).map(String::from);
    Ok(EnumMember::new(name("type")?, name("member")?, data))
}

fn read_record(body: &Json, depth: usize) -> Result<Record, ParamError> {
    let object = object("record", body)?;
    exactly("record", object, 2)?;
    let name = text("record", get("record", object, "type")?)?;
    let fields = read_fields(get("record", object, "fields")?, depth + 1)?;
    Ok(Record::new(String::from(name), fields))
}

fn read_fields(json: &Json, depth: usize) -> Result<Fields, ParamError> {
    let object = object("record", json)?;
    let mut fields = Fields::with_capacity(object.len());
    for (name, json) in object {
        let value = read(json, depth).map_err(|error| error.in_field(name))?;
        fields.push(name.clone(), value);
    }
    Ok(fields)
}

fn read_columns(body: &Json, depth: usize) -> Result<Vec<Column>, ParamError> {
    let column = |json: &Json| {
        let object = object("table", json)?;
        exactly("table", object, 3)?;
        let name = text("table", get("table", object, "name")?)?;
        let type_name = text("table", get("table", object, "type")?)?;
        let values = read(get("table", object, "values")?, depth + 1).map_err(|error| error.in_field("values"))?;
        Column::new(name, type_name, values)
    };
    array("table", body)?
        .iter()
        .enumerate()
        .map(|(index, json)| column(json).map_err(|error| error.at_index(index)))
        .collect()
}

fn read_zoned(body: &Json) -> Result<Zoned, ParamError> {
    let object = object("zoned", body)?;
    exactly("zoned", object, 4)?;
    let integer = |member| {
        let json = get("zoned", object, member)?;
        json.as_i64().ok_or_else(|| malformed("zoned"))
    };
    let zone = text("zoned", get("zoned", object, "zone")?)?;
    Zoned::new(
        integer("seconds")?,
        u32::try_from(integer("nanoseconds")?).map_err(|_| malformed("zoned"))?,
        i32::try_from(integer("offset_seconds")?).map_err(|_| malformed("zoned"))?,
        zone,
    )
}

fn read_array(body: &Json) -> Result<Array, ParamError> {
    let object = object("array", body)?;
    exactly("array", object, 3)?;
    let dtype = text("array", get("array", object, "dtype")?)?.parse()?;
    let shape = array("array", get("array", object, "shape")?)?
        .iter()
        .map(Json::as_u64)
        .collect::<Option<Vec<u64>>>()
        .ok_or_else(|| malformed("array"))?;
    let digest = digest_from_hex(text("array", get("array", object, "digest")?)?).ok_or_else(|| malformed("array"))?;
    Ok(Array::new(dtype, shape, digest))
}

fn read_datetime(text: &str) -> Result<Value, ParamError> {
    let (date, time) = text.split_once('T').ok_or_else(|| malformed("datetime"))?;
    Ok(Value::DateTime(date.parse()?, time.parse()?))
}

fn only_member(object: &Map<String, Json>) -> Option<(&str, &Json)> {
    let mut members = object.iter();
    let (kind, body) = members.next()?;
    members.next().is_none().then_some((kind, body))
}

fn object<'a>(kind: &str, json: &'a Json) -> Result<&'a Map<String, Json>, ParamError> {
    json.as_object().ok_or_else(|| malformed(kind))
}

fn array<'a>(kind: &str, json: &'a Json) -> Result<&'a Vec<Json>, ParamError> {
    json.as_array().ok_or_else(|| malformed(kind))
}

fn text<'a>(kind: &str, json: &'a Json) -> Result<&'a str, ParamError> {
    json.as_str().ok_or_else(|| malformed(kind))
}

fn get<'a>(kind: &str, object: &'a Map<String, Json>, member: &str) -> Result<&'a Json, ParamError> {
    object.get(member).ok_or_else(|| malformed(kind))
}

/// Refuses members that nothing would read.
fn exactly(kind: &str, object: &Map<String, Json>, members: usize) -> Result<(), ParamError> {
    if object.len() == members { Ok(()) } else { Err(malformed(kind)) }
}

fn malformed(kind: &str) -> ParamError {
    ParamError::new(
        String::from(kind),
        "does not have the JSON form of its kind",
        "write it as the specification of keys says",
    )
}
