//! From the typed JSON of a manifest to paths and values.

use persistable_key::{ParamError, Value, parse_json};
use persistable_store::Manifest;

use crate::kinds::Kind;
use crate::scalar::Scalar;

/// Maps with more entries are one value.
const MOST_ENTRIES: usize = 64;
/// Params with more parts are one value.
const MOST_LEAVES: usize = 256;

/// Reads the own params of a step from its manifest, by their names in the key.
///
/// # Errors
///
/// If they are not the typed JSON of the specification.
pub fn params_of(manifest: &Manifest) -> Result<Vec<(String, Value)>, ParamError> {
    params_in(manifest.params.get())
}

/// Reads params from typed JSON.
///
/// # Errors
///
/// If it is not the typed JSON of the specification.
pub fn params_in(text: &str) -> Result<Vec<(String, Value)>, ParamError> {
    match parse_json(text)? {
        serde_json::Value::Object(members) => {
            members.into_iter().map(|(name, json)| Value::from_json(&json).map(|value| (name, value))).collect()
        }
        _ => Ok(Vec::new()),
    }
}

/// Returns each part of the params by its path, as in `model.depth`.
#[must_use]
pub fn leaves_of(params: &[(String, Value)]) -> Vec<(String, Scalar)> {
    let mut leaves = Vec::new();
    for (name, value) in params {
        flatten(&segment(name), value, &mut leaves);
    }
    leaves
}

/// Writes a name as it stands in a path: in backticks, unless it is a plain word.
#[must_use]
pub fn segment(name: &str) -> String {
    let is_plain = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

fn flatten(path: &str, value: &Value, leaves: &mut Vec<(String, Scalar)>) {
    if leaves.len() >= MOST_LEAVES {
        leaves.push((path.to_owned(), Scalar::of(value)));
        return;
    }
    match value {
        Value::Record(record) => {
            leaves.push((path.to_owned(), label("record", record.name(), record.name())));
            for (name, field) in record.fields().iter() {
                flatten(&format!("{path}.{}", segment(name)), field, leaves);
            }
        }
        Value::Enum(member) => {
            leaves.push((path.to_owned(), label("enum", member.type_name(), member.member())));
            match member.data() {
                Some(Value::Record(record)) => {
                    for (name, field) in record.fields().iter() {
                        flatten(&format!("{path}.{}", segment(name)), field, leaves);
                    }
                }
                Some(data) => flatten(&format!("{path}.data"), data, leaves),
                None => {}
            }
        }
        Value::Map(entries) if (1..=MOST_ENTRIES).contains(&entries.len()) => {
            let texts: Option<Vec<_>> = entries
                .iter()
                .map(|(key, value)| if let Value::Text(key) = key { Some((key, value)) } else { None })
                .collect();
            match texts {
                Some(entries) => {
                    leaves.push((path.to_owned(), label("map", "", "map")));
                    for (key, value) in entries {
                        flatten(&format!("{path}.{}", segment(key)), value, leaves);
                    }
                }
                None => leaves.push((path.to_owned(), Scalar::of(value))),
            }
        }
        _ => leaves.push((path.to_owned(), Scalar::of(value))),
    }
}

/// What a value is that has parts with paths of their own.
fn label(kind: &str, type_name: &str, shown: &str) -> Scalar {
    let shown = if shown.is_empty() { kind } else { shown };
    Scalar::other(Kind::Text, None, shown.to_owned(), format!("{kind}:{type_name}:{shown}").as_bytes())
}
