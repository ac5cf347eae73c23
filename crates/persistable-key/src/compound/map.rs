//! Values by key, without an order.

use std::collections::HashSet;

use serde::Serializer;
use serde_json::Value as Json;

use super::large::{large, limited, sum};
use crate::error::ParamError;
use crate::json::read_each;
use crate::kind::{ForPeople, Forms, Kind, Large, MAX_DEPTH, Shown, Typed};
use crate::put::put_count;
use crate::value::Value;

pub(crate) struct Map;

type Entries = Vec<(Value, Value)>;

impl Kind for Map {
    type Body = Entries;

    const NAME: &'static str = "map";
    const TAG: u8 = 0x09;

    fn put(entries: &Entries, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
        let mut nodes = entries
            .iter()
            .map(|(key, value)| {
                let node = key.node(depth + 1).map_err(|error| error.at_key(key.brief()))?;
                Ok((node, key, value))
            })
            .collect::<Result<Vec<_>, ParamError>>()?;
        nodes.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        put_count(out, nodes.len());
        let mut previous: Option<Vec<u8>> = None;
        for (node, key, value) in nodes {
            if previous.as_ref() == Some(&node) {
                return Err(occurs_twice(key));
            }
            out.extend(&node);
            previous = Some(node);
            value.put(out, depth + 1).map_err(|error| error.at_key(key.brief()))?;
        }
        Ok(())
    }

    fn write<S: Serializer>(entries: &Entries, depth: usize, to: S) -> Result<S::Ok, S::Error> {
        let typed = |(key, value)| [Typed(key, depth + 1), Typed(value, depth + 1)];
        to.collect_seq(in_order(entries).into_iter().map(typed))
    }

    fn read(json: &Json, depth: usize) -> Result<Entries, ParamError> {
        read_each(Self::NAME, json, |entry| match entry.as_array().map(Vec::as_slice) {
            Some([key, value]) => Ok((Value::read(key, depth + 1)?, Value::read(value, depth + 1)?)),
            _ => Err(Self::malformed()),
        })
    }

    /// Makes an object where every key has a text of its own, else a list of pairs.
    fn show<S: Serializer>(entries: &Entries, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
        let entries = in_order(entries);
        let shown = shown.deeper();
        let names: Option<Vec<String>> = entries.iter().map(|(key, _)| name_of(key, shown)).collect();
        if let Some(names) = names
            && names.iter().collect::<HashSet<_>>().len() == names.len()
        {
            return to
                .collect_map(names.into_iter().zip(entries.into_iter().map(|(_, value)| ForPeople(value, shown))));
        }
        to.collect_seq(entries.into_iter().map(|(key, value)| [ForPeople(key, shown), ForPeople(value, shown)]))
    }

    fn shows_parts(_: &Entries) -> bool {
        true
    }

    fn large(entries: &Entries) -> Option<Large> {
        large(weight_of(entries), format_args!("map of {} entries", entries.len()), |out| {
            out.push(Self::TAG);
            Self::put(entries, out, 1)
        })
    }

    fn weight_bytes(entries: &Entries) -> usize {
        limited(weight_of(entries))
    }

    fn has_parts_beyond(entries: &Entries, levels: usize) -> bool {
        entries.iter().any(|(key, value)| key.nests_beyond(levels) || value.nests_beyond(levels))
    }
}

fn weight_of(entries: &Entries) -> usize {
    sum(entries.iter().flat_map(|(key, value)| [key, value]))
}

fn occurs_twice(key: &Value) -> ParamError {
    ParamError::new(
        Map::NAME,
        "has a key that occurs twice",
        "give each entry a key of its own; keys that differ in a program may be one value",
    )
    .at_key(key.brief())
}

/// Returns the entries in the order of their keys' bytes; as they are where they have none. Of keys that occur twice both
/// stay: what is refused must not be written as something that is not.
fn in_order(entries: &Entries) -> Vec<(&Value, &Value)> {
    let mut ordered: Vec<(&Value, &Value)> = entries.iter().map(|(key, value)| (key, value)).collect();
    let nodes: Result<Vec<Vec<u8>>, ParamError> = ordered.iter().map(|(key, _)| key.node(1)).collect();
    if let Ok(nodes) = nodes {
        let mut pairs: Vec<_> = nodes.into_iter().zip(ordered).collect();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        ordered = pairs.into_iter().map(|(_, entry)| entry).collect();
    }
    ordered
}

/// Returns the text that people see of a key, if that has no parts. A key that has parts is not written to find that out: in a map
/// that is a key of a map that is a key, it would be written twice at each level.
fn name_of(key: &Value, shown: Shown) -> Option<String> {
    if shown.depth <= MAX_DEPTH && key.shows_parts() {
        return None;
    }
    match serde_json::to_value(ForPeople(key, shown)).ok()? {
        Json::String(text) => Some(text),
        Json::Array(_) | Json::Object(_) => None,
        scalar @ (Json::Null | Json::Bool(_) | Json::Number(_)) => Some(scalar.to_string()),
    }
}
