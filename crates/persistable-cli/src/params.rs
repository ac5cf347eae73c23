//! The params tree of an artifact, as its manifests tell it.

use persistable_catalogue::Catalogue;
use persistable_key::parse_json;
use persistable_store::Manifest;
use serde_json::{Map, Value};

use crate::people::cut;

/// Deeper trees are cut.
const DEEPEST: usize = 12;
/// So many lines are shown.
const MOST_LINES: usize = 60;

/// Returns the params of an artifact, with those of its dependencies by their payload names.
pub(crate) fn tree(catalogue: &mut Catalogue, manifest: &Manifest) -> Value {
    Value::Object(below(catalogue, manifest, DEEPEST))
}

fn below(catalogue: &mut Catalogue, manifest: &Manifest, depth: usize) -> Map<String, Value> {
    let mut members = own(manifest);
    for dependency in &manifest.dependencies {
        let stem = format!("{}({})", dependency.payload_name, dependency.key.get(..32).unwrap_or_default());
        let known = catalogue.find(&stem).and_then(|address| catalogue.manifest(&address)).ok();
        let value = match known {
            Some(manifest) if depth > 0 => Value::Object(below(catalogue, &manifest, depth - 1)),
            _ => Value::String(format!("…{}", dependency.key.get(..8).unwrap_or_default())),
        };
        // Several dependencies may have one payload name.
        match members.get_mut(&dependency.payload_name) {
            None => {
                members.insert(dependency.payload_name.clone(), value);
            }
            Some(Value::Array(several)) => several.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    members
}

fn own(manifest: &Manifest) -> Map<String, Value> {
    let Ok(Value::Object(typed)) = parse_json(manifest.params.get()) else { return Map::new() };
    let shown = |(name, json): (String, Value)| {
        let value = persistable_key::Value::from_json(&json).map_or(Value::Null, |value| value.for_people());
        (name, value)
    };
    typed.into_iter().map(shown).collect()
}

/// Returns a line for each value of a tree, by its path: `n`, `points.seed`.
pub(crate) fn lines(tree: &Value, most_characters: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    flatten("", tree, most_characters, &mut found);
    let more = found.len().saturating_sub(MOST_LINES);
    if more > 0 {
        found.truncate(MOST_LINES);
        found.push(("…".to_owned(), format!("{more} more: --json has all")));
    }
    found
}

fn flatten(path: &str, value: &Value, most: usize, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let name = cut(name, 60);
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                flatten(&path, value, most, found);
            }
        }
        Value::Array(values) if values.iter().any(|value| value.is_object()) => {
            for (index, value) in values.iter().enumerate() {
                flatten(&format!("{path}[{index}]"), value, most, found);
            }
        }
        Value::String(text) => found.push((path.to_owned(), cut(text, most))),
        // As in filters and in `ls`.
        Value::Null => found.push((path.to_owned(), "none".to_owned())),
        // Only the outermost value has no path.
        _ if path.is_empty() => {}
        other => found.push((path.to_owned(), cut(&other.to_string(), most))),
    }
}
