//! `#[derive(PersistableParams)]` and `#[track_code]`: what a declaration means for the key and for people.

mod constructors;
mod dependencies;
mod encodings;
mod enums;
mod evolution;
mod generics;
mod hygiene;
mod structs;
mod track_code;
mod tracked_uses;
mod type_paths;
mod untracked;

use persistable::{Param, PersistableParams, Value};
use serde_json::{Map, Value as Json};

/// What stands in the key, by name.
fn keyed(params: &impl PersistableParams) -> Json {
    Json::Object(params.params().unwrap().to_json())
}

/// What people see.
fn shown(params: &impl PersistableParams) -> Json {
    Json::Object(params.params().unwrap().for_people())
}

/// The names of the params as declared.
fn names(params: &impl PersistableParams) -> Vec<String> {
    params.params().unwrap().iter().map(|(name, _)| name.to_owned()).collect()
}

/// The digest of what stands in the key.
fn digest(params: &impl PersistableParams) -> [u8; 32] {
    params.params().unwrap().digest().unwrap()
}

/// A value in its typed form.
fn typed(param: &impl Param) -> Json {
    value(param).to_json()
}

fn value(param: &impl Param) -> Value {
    param.to_value().unwrap()
}

/// The canonical bytes of a value.
fn bytes(param: &impl Param) -> Vec<u8> {
    value(param).canonical_bytes().unwrap()
}

/// The names in a JSON object.
fn keys(object: &Json) -> Vec<&str> {
    object.as_object().map(Map::keys).into_iter().flatten().map(String::as_str).collect()
}
