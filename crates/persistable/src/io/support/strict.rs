//! Reading with serde, where what the type does not know is an error.

use serde::Deserializer;
use serde::de::DeserializeOwned;

use super::unread;

/// So many unknown fields are named; the rest is counted.
const NAMED: usize = 5;

/// Reads a value, refusing fields that its type does not have.
pub(in crate::io) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, String> {
    let mut unknown = Vec::new();
    let mut count = 0_usize;
    let value = unread::deserialize(deserializer, |place| {
        count += 1;
        if unknown.len() < NAMED {
            unknown.push(place);
        }
    });
    // A missing field and an unknown one are often the same field by two names: both are worth saying.
    match (value, count) {
        (Ok(value), 0) => Ok(value),
        (Ok(_), _) => Err(unknown_fields(&unknown, count)),
        (Err(error), 0) => Err(error.to_string()),
        (Err(error), _) => Err(format!("{error}; {}", unknown_fields(&unknown, count))),
    }
}

fn unknown_fields(named: &[String], count: usize) -> String {
    let names = named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = if count > named.len() { format!(" and {} more", count - named.len()) } else { String::new() };
    let noun = if count == 1 { "an unknown field" } else { "unknown fields" };
    format!("there is {noun} {names}{more}").replace("there is unknown fields", "there are unknown fields")
}
