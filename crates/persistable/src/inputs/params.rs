//! The paths among the params of a step.

use std::path::PathBuf;

use persistable_key::{Fields, Value};

/// Returns all values of the kind path, each with its place, as in `train.csv_path`, `files[2]` or `by_name["a"]`.
pub fn of_params(params: &Fields) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    add_fields(params, "", &mut found);
    found
}

fn add_fields(fields: &Fields, place: &str, found: &mut Vec<(String, PathBuf)>) {
    for (name, value) in fields.iter() {
        let dot = if place.is_empty() { "" } else { "." };
        if may_hold_paths(value) {
            add(value, &format!("{place}{dot}{name}"), found);
        }
    }
}

fn add(value: &Value, place: &str, found: &mut Vec<(String, PathBuf)>) {
    match value {
        Value::Path(path) => found.push((place.to_owned(), PathBuf::from(path))),
        Value::List(elements) | Value::Tuple(elements) | Value::Set(elements) => {
            for (index, element) in elements.iter().enumerate().filter(|(_, element)| may_hold_paths(element)) {
                add(element, &format!("{place}[{index}]"), found);
            }
        }
        Value::Map(entries) => {
            for (key, value) in entries.iter().filter(|(key, value)| may_hold_paths(key) || may_hold_paths(value)) {
                let place = format!("{place}[{}]", label(key));
                add(key, &place, found);
                add(value, &place, found);
            }
        }
        Value::Enum(member) => {
            if let Some(data) = member.data() {
                add(data, place, found);
            }
        }
        Value::Record(record) => add_fields(record.fields(), place, found),
        _ => {}
    }
}

/// Numbers and texts, of which there may be very many, need no place.
fn may_hold_paths(value: &Value) -> bool {
    matches!(
        value,
        Value::Path(_)
            | Value::List(_)
            | Value::Tuple(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Enum(_)
            | Value::Record(_)
    )
}

/// Names a key as people write it, as far as they do.
fn label(key: &Value) -> String {
    match key {
        Value::Text(text) | Value::Path(text) => format!("{text:?}"),
        Value::Int(int) => int.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Enum(member) => member.member().to_owned(),
        other => other.kind().to_owned(),
    }
}
