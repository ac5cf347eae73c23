//! Avro, for records.

mod claims;
#[cfg(test)]
mod tests;

use apache_avro::schema::Name;
use apache_avro::types::Value;
use apache_avro::{AvroSchema, Reader, Schema, Writer, from_value, to_value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::claims::{Blocks, MAGIC};
use crate::StepResult;
use crate::io::support::error_keeper::write_as;
use crate::io::support::guard;
use crate::io::support::problem::{not_empty, unreadable, unwritable};
use crate::io::{PayloadIo, Source, Target, shape_of};

/// Stores a `Vec` of records as an Avro object container file. The file has its schema, so any Avro reader can open it.
///
/// The records' type has its schema by the trait `AvroSchema` of the crate `apache-avro`. To derive it, add
/// `apache-avro = { version = "0.21", features = ["derive"] }`. To write the schema by hand, implement the trait:
///
/// ```
/// # use persistable::StepResult;
/// use apache_avro::{AvroSchema, Schema};
/// use persistable::io::{Avro, PayloadIo, Source, Target};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Reading {
///     station: String,
///     degrees: f64,
/// }
///
/// impl AvroSchema for Reading {
///     fn get_schema() -> Schema {
///         Schema::parse_str(
///             r#"{"type": "record", "name": "Reading", "fields": [
///                 {"name": "station", "type": "string"}, {"name": "degrees", "type": "double"}]}"#,
///         )
///         .expect("the schema is valid")
///     }
/// }
///
/// # fn main() -> StepResult<()> {
/// let readings = vec![Reading { station: "north".into(), degrees: 1.5 }];
/// let mut file = Vec::new();
/// let mut target = Target::within(&mut file, ".avro");
/// Avro.save(&readings, &mut target)?;
/// target.finish()?;
///
/// let loaded: Vec<Reading> = Avro.load(&mut Source::within(|| Ok(file.clone()), ".avro"))?;
/// assert_eq!(loaded, readings);
/// # Ok(())
/// # }
/// ```
///
/// If a file has another schema than the type, the error shows both. There is no conversion between them. If a record
/// does not fit its own type's schema, it is refused before it is persisted. Records that contain records of their own
/// type are refused too.
#[derive(Clone, Copy, Debug, Default)]
pub struct Avro;

const FORMAT: &str = "Avro";

impl<T: AvroSchema + Serialize + DeserializeOwned> PayloadIo<Vec<T>> for Avro {
    fn name(&self) -> String {
        "avro".into()
    }

    fn suffix(&self) -> String {
        ".avro".into()
    }

    fn payload_shape(&self) -> Option<String> {
        // The schema tells most of it. One that is written by hand stays the same when the type changes.
        Some(shape_of::<Vec<T>>(true))
    }

    fn save(&self, payload: &Vec<T>, target: &mut Target<'_>) -> StepResult<()> {
        let schema = record_schema::<T>().map_err(|problem| unwritable::<Vec<T>>(FORMAT, problem))?;
        write_as::<Vec<T>, String>(FORMAT, target.writer()?, |writer| {
            let mut writer = Writer::new(&schema, writer);
            for (index, record) in payload.iter().enumerate() {
                let value = fitted(record, &schema).map_err(|problem| format!("record {index}: {problem}"))?;
                writer.append_value_ref(&value).map_err(|error| format!("record {index}: {error}"))?;
            }
            writer.flush().map_err(|error| error.to_string())?;
            Ok(())
        })
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<T>> {
        let bytes = not_empty::<Vec<T>, _>(FORMAT, source.bytes()?)?;
        guard::decode(|| read(&bytes)).map_err(|problem| unreadable::<Vec<T>>(FORMAT, problem))
    }
}

fn read<T: AvroSchema + DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, String> {
    let expected = record_schema::<T>()?;
    if !bytes.starts_with(MAGIC) {
        return Err("they do not begin as an Avro file does".into());
    }
    let blocks = Blocks::of_file(bytes).ok_or(claims::NO_ROOM)?;
    let reader = Reader::new(bytes).map_err(|error| error.to_string())?;
    let found = reader.writer_schema();
    // Equality alone overlooks names of fields, and the canonical form overlooks logical types.
    if *found != expected || found.canonical_form() != expected.canonical_form() {
        return Err(format!(
            "its schema is {}, and that of the type is {}",
            found.canonical_form(),
            expected.canonical_form()
        ));
    }
    blocks.check(&expected)?;
    let mut records = Vec::new();
    for value in reader {
        let value = value.map_err(|error| error.to_string())?;
        records.push(from_value(&value).map_err(|error| format!("record {}: {error}", records.len()))?);
    }
    Ok(records)
}

/// Turns a record into a value of the schema. `Writer::append_ser` would be shorter: it trusts that the fields are those of
/// the schema in the schema's order, and writes garbage where they aren't.
fn fitted<T: Serialize>(record: &T, schema: &Schema) -> Result<Value, String> {
    let value = to_value(record).map_err(|error| error.to_string())?;
    if !value.validate(schema) {
        return Err(format!("it does not fit the type's schema, {}", schema.canonical_form()));
    }
    // What fits is widened to what the schema says: it may say `double` of an `f32`.
    value.resolve(schema).map_err(|error| error.to_string())
}

/// Returns the schema, once it is one whose files can be read whatever is in them.
fn record_schema<T: AvroSchema>() -> Result<Schema, String> {
    let schema = T::get_schema();
    match &schema {
        // Records of no field take no bytes, so that any number of them would be in any file.
        Schema::Record(record) if !record.fields.is_empty() => {}
        other => return Err(format!("its items have to be records with fields, and not {}", other.canonical_form())),
    }
    if contains_itself(&schema, &mut Vec::new()) {
        return Err("its records contain records of their own type, which readers would follow without end".into());
    }
    Ok(schema)
}

/// Returns whether a type refers to one of those that it lies in, whose names are `within`.
fn contains_itself<'a>(schema: &'a Schema, within: &mut Vec<&'a Name>) -> bool {
    match schema {
        Schema::Ref { name } => within.contains(&name),
        Schema::Array(array) => contains_itself(&array.items, within),
        Schema::Map(map) => contains_itself(&map.types, within),
        Schema::Union(union) => union.variants().iter().any(|variant| contains_itself(variant, within)),
        Schema::Record(record) => {
            within.push(&record.name);
            let found = record.fields.iter().any(|field| contains_itself(&field.schema, within));
            within.pop();
            found
        }
        _ => false,
    }
}
