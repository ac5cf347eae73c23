//! Canonical bytes, by the specification.

use crate::calendar::{Date, Time};
use crate::error::ParamError;
use crate::normal_path::normal_path;
use crate::value::{Column, Fields, KeyedField, Value};

/// How deep values nest at most; a value that holds no other is one deep.
pub(crate) const MAX_DEPTH: usize = 128;

const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

impl Value {
    /// Returns the canonical bytes: equal exactly where two values are the same to a key.
    ///
    /// ```
    /// use persistable_key::Param;
    ///
    /// assert_eq!(5_u8.to_value()?.canonical_bytes()?, 5_i64.to_value()?.canonical_bytes()?);
    /// assert_ne!(1.to_value()?.canonical_bytes()?, 1.0.to_value()?.canonical_bytes()?);
    /// # Ok::<(), persistable_key::ParamError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Refuses a map with a key that occurs twice, a record with such a field, a table whose columns differ in length, and
    /// values nested deeper than 128.
    pub fn canonical_bytes(&self) -> Result<Vec<u8>, ParamError> {
        let mut out = Vec::new();
        self.encode(&mut out, 1)?;
        Ok(out)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
        if depth > MAX_DEPTH {
            return Err(too_deep(self.kind()));
        }
        match self {
            Self::Null => out.push(0x00),
            Self::Bool(truth) => out.extend([0x01, u8::from(*truth)]),
            Self::Int(int) => int.with_magnitude(|negative, magnitude| {
                out.extend([0x02, u8::from(negative)]);
                put_blob(out, magnitude);
            }),
            Self::Float(float) => {
                out.push(0x03);
                put_float(out, *float);
            }
            Self::Text(text) => {
                out.push(0x04);
                put_blob(out, text.as_bytes());
            }
            Self::Bytes(bytes) => {
                out.push(0x05);
                put_blob(out, bytes);
            }
            Self::List(elements) => put_sequence(out, 0x06, elements, depth)?,
            Self::Tuple(elements) => put_sequence(out, 0x07, elements, depth)?,
            Self::Set(members) => put_set(out, members, depth)?,
            Self::Map(entries) => put_map(out, entries, depth)?,
            Self::Date(date) => {
                out.push(0x0a);
                put_date(out, *date);
            }
            Self::Time(time) => {
                out.push(0x0b);
                put_time(out, *time);
            }
            Self::DateTime(date, time) => {
                out.push(0x0c);
                put_date(out, *date);
                put_time(out, *time);
            }
            Self::Zoned(zoned) => {
                out.push(0x0d);
                out.extend(zoned.seconds().to_be_bytes());
                out.extend(zoned.nanoseconds().to_be_bytes());
                out.extend(zoned.offset_seconds().to_be_bytes());
                put_blob(out, zoned.zone().as_bytes());
            }
            Self::Duration(nanoseconds) => {
                out.push(0x0e);
                out.extend(nanoseconds.to_be_bytes());
            }
            Self::Decimal(decimal) => {
                out.push(0x0f);
                put_blob(out, decimal.as_str().as_bytes());
            }
            Self::Uuid(bytes) => {
                out.push(0x10);
                out.extend(bytes);
            }
            Self::Path(path) => {
                out.push(0x11);
                put_blob(out, normal_path(path).as_bytes());
            }
            Self::Complex(real, imaginary) => {
                out.push(0x12);
                put_float(out, *real);
                put_float(out, *imaginary);
            }
            Self::Enum(member) => {
                out.push(0x13);
                put_blob(out, member.type_name().as_bytes());
                put_blob(out, member.member().as_bytes());
                out.push(u8::from(member.data().is_some()));
                if let Some(data) = member.data() {
                    data.encode(out, depth + 1)?;
                }
            }
            Self::Record(record) => {
                out.push(0x14);
                put_blob(out, record.name().as_bytes());
                put_fields(out, record.fields(), depth + 1)?;
            }
            Self::Array(array) => {
                out.push(0x15);
                put_blob(out, array.dtype().as_str().as_bytes());
                put_count(out, array.shape().len());
                for length in array.shape() {
                    out.extend(length.to_be_bytes());
                }
                out.extend(array.digest());
            }
            Self::Table(columns) => put_table(out, columns, depth)?,
        }
        Ok(())
    }
}

impl Fields {
    /// Returns the digest of the fields that are in the key: the *params digest* of a step.
    ///
    /// # Errors
    ///
    /// Refuses what [`Value::canonical_bytes`] refuses, and a name that occurs twice.
    pub fn digest(&self) -> Result<[u8; 32], ParamError> {
        let mut out = Vec::new();
        put_fields(&mut out, self, 1)?;
        Ok(*blake3::hash(&out).as_bytes())
    }
}

pub(crate) fn too_deep(type_name: &'static str) -> ParamError {
    ParamError::new(
        type_name,
        format!("is nested more than {MAX_DEPTH} deep"),
        "flatten it, or encode it as text or bytes",
    )
}

/// Writes `fields`, whose values stand at `depth`.
pub(crate) fn put_fields(out: &mut Vec<u8>, fields: &Fields, depth: usize) -> Result<(), ParamError> {
    let mut sorted: Vec<KeyedField<'_>> = fields.keyed().collect();
    sorted.sort_by(|a, b| order_of(a).cmp(&order_of(b)));
    put_count(out, sorted.len());
    let mut previous = None;
    for field in sorted {
        if previous == Some(field.name) {
            return Err(ParamError::new(
                field.value.kind(),
                format!("has the name `{}` of another field", field.name),
                "give each field a name of its own",
            )
            .in_field(field.shown));
        }
        previous = Some(field.name);
        put_blob(out, field.name.as_bytes());
        field.value.encode(out, depth).map_err(|error| error.in_field(field.shown))?;
    }
    Ok(())
}

/// The bytes of a `string` begin with its length, so that is what they are sorted by first.
fn order_of<'a>(field: &KeyedField<'a>) -> (usize, &'a str) {
    (field.name.len(), field.name)
}

/// Brings the members of a set into the order of their bytes, each once; leaves them as they are where they have none.
pub(crate) fn order_members(members: &mut Vec<&Value>) {
    order(members, |member| member, |nodes| nodes.dedup_by(|(b, _), (a, _)| a == b));
}

/// Brings the entries of a map into the order of their keys' bytes; leaves them as they are where they have none. Of keys
/// that occur twice both stay: what is refused must not be written as something that is not.
pub(crate) fn order_entries(entries: &mut Vec<&(Value, Value)>) {
    order(entries, |(key, _)| key, |_| ());
}

fn order<T>(items: &mut Vec<T>, ordered_by: impl Fn(&T) -> &Value, once: impl FnOnce(&mut Vec<(Vec<u8>, T)>)) {
    let nodes: Result<Vec<Vec<u8>>, ParamError> = items.iter().map(|item| node(ordered_by(item), 1)).collect();
    if let Ok(nodes) = nodes {
        let mut pairs: Vec<(Vec<u8>, T)> = nodes.into_iter().zip(items.drain(..)).collect();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        once(&mut pairs);
        items.extend(pairs.into_iter().map(|(_, item)| item));
    }
}

fn put_sequence(out: &mut Vec<u8>, kind: u8, elements: &[Value], depth: usize) -> Result<(), ParamError> {
    out.push(kind);
    put_count(out, elements.len());
    for (index, element) in elements.iter().enumerate() {
        element.encode(out, depth + 1).map_err(|error| error.at_index(index))?;
    }
    Ok(())
}

fn put_set(out: &mut Vec<u8>, members: &[Value], depth: usize) -> Result<(), ParamError> {
    let mut nodes = members
        .iter()
        .map(|member| node(member, depth + 1).map_err(|error| error.at_key(brief(member))))
        .collect::<Result<Vec<_>, _>>()?;
    nodes.sort_unstable();
    nodes.dedup();
    out.push(0x08);
    put_count(out, nodes.len());
    for node in nodes {
        out.extend(node);
    }
    Ok(())
}

fn put_map(out: &mut Vec<u8>, entries: &[(Value, Value)], depth: usize) -> Result<(), ParamError> {
    let mut nodes = entries
        .iter()
        .map(|(key, value)| {
            let node = node(key, depth + 1).map_err(|error| error.at_key(brief(key)))?;
            Ok((node, key, value))
        })
        .collect::<Result<Vec<_>, ParamError>>()?;
    nodes.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    out.push(0x09);
    put_count(out, nodes.len());
    let mut previous: Option<Vec<u8>> = None;
    for (node, key, value) in nodes {
        if previous.as_ref() == Some(&node) {
            return Err(ParamError::new(
                "map",
                "has a key that occurs twice",
                "give each entry a key of its own; keys that differ in a program may be one value",
            )
            .at_key(brief(key)));
        }
        out.extend(&node);
        previous = Some(node);
        value.encode(out, depth + 1).map_err(|error| error.at_key(brief(key)))?;
    }
    Ok(())
}

fn put_table(out: &mut Vec<u8>, columns: &[Column], depth: usize) -> Result<(), ParamError> {
    out.push(0x16);
    put_count(out, columns.len());
    let rows = columns.first().map(Column::rows);
    for column in columns {
        if Some(column.rows()) != rows {
            return Err(ParamError::new(
                "table",
                "has a column of another length than its first",
                "give each column a value, or null, for every row",
            )
            .in_field(column.name()));
        }
        put_blob(out, column.name().as_bytes());
        put_blob(out, column.type_name().as_bytes());
        column.values().encode(out, depth + 1).map_err(|error| error.in_field(column.name()))?;
    }
    Ok(())
}

fn node(value: &Value, depth: usize) -> Result<Vec<u8>, ParamError> {
    let mut out = Vec::new();
    value.encode(&mut out, depth)?;
    Ok(out)
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend((count as u64).to_be_bytes());
}

pub(crate) fn put_blob(out: &mut Vec<u8>, bytes: &[u8]) {
    put_count(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_float(out: &mut Vec<u8>, float: f64) {
    let bits = if float.is_nan() { CANONICAL_NAN } else { float.to_bits() };
    out.extend(bits.to_be_bytes());
}

fn put_date(out: &mut Vec<u8>, date: Date) {
    out.extend(date.year().to_be_bytes());
    out.extend([date.month(), date.day()]);
}

fn put_time(out: &mut Vec<u8>, time: Time) {
    out.extend(time.nanoseconds().to_be_bytes());
}

/// Names a key in a path: what people can tell apart at a glance, and the kind of anything larger.
pub(crate) fn brief(key: &Value) -> String {
    match key {
        Value::Text(text) => {
            let short: String = text.chars().take(40).collect();
            format!("{short:?}")
        }
        Value::Int(int) => int.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Float(float) => format!("{float:?}"),
        Value::Path(path) => format!("{:?}", normal_path(path)),
        Value::Enum(member) => String::from(member.member()),
        Value::Date(date) => date.to_string(),
        other => String::from(other.kind()),
    }
}
