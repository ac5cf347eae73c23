//! What there is to a kind of value, and to a value of any kind.
//!
//! A kind is a type that implements [`Kind`], in a file of its own: those without parts in `scalar`, arrays in `array`,
//! those that hold other values in `compound`. The table of all kinds is in `kinds`, which gives [`Value`](crate::Value)
//! its [`Forms`]. A kind that holds other values knows them by that trait, and not by the table.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::hex::to_hex;

/// How deep values nest at most; a value that holds no other is one deep.
pub(crate) const MAX_DEPTH: usize = 128;

/// What a small value weighs in a text for people, in bytes at a guess. So does what stands for one that is elided.
pub(crate) const SMALL_WEIGHT_BYTES: usize = 32;

/// A kind of value. `Body` is what a value of this kind holds.
pub(crate) trait Kind {
    type Body;

    /// The name in the specification, in JSON and in errors.
    const NAME: &'static str;

    /// The byte that canonical bytes begin with.
    const TAG: u8;

    /// Writes the canonical bytes that follow the tag, of a value that stands at `depth`.
    fn put(body: &Self::Body, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError>;

    /// Writes the body of the typed JSON.
    fn write<S: Serializer>(body: &Self::Body, depth: usize, to: S) -> Result<S::Ok, S::Error>;

    /// Reads what `write` writes, and nothing else.
    fn read(json: &Json, depth: usize) -> Result<Self::Body, ParamError>;

    /// Writes what people read. It need not tell kinds apart.
    fn show<S: Serializer>(body: &Self::Body, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
        Self::write(body, shown.depth, to)
    }

    /// Tells whether people see parts of the value: a list, or names with values. If not, the value can be the name of another.
    fn shows_parts(body: &Self::Body) -> bool {
        let _ = body;
        false
    }

    /// Returns what to show in place of a value that is too large for people to read.
    fn large(body: &Self::Body) -> Option<Large> {
        let _ = body;
        None
    }

    /// Returns how many bytes a text for people takes, at a guess.
    fn weight_bytes(body: &Self::Body) -> usize {
        let _ = body;
        SMALL_WEIGHT_BYTES
    }

    /// Names a key in a path: what people can tell apart at a glance, and the kind of anything larger.
    fn brief(body: &Self::Body) -> String {
        let _ = body;
        String::from(Self::NAME)
    }

    /// Tells whether parts of the value nest deeper than `levels`; looks no deeper than that.
    fn has_parts_beyond(body: &Self::Body, levels: usize) -> bool {
        let _ = (body, levels);
        false
    }

    /// Returns the error of JSON that is not what `write` writes.
    fn malformed() -> ParamError {
        malformed(Self::NAME)
    }
}

pub(crate) fn malformed(kind: &'static str) -> ParamError {
    ParamError::new(kind, "does not have the JSON form of its kind", "write it as the specification of keys says")
}

/// How a value of any kind is written and read.
pub(crate) trait Forms: Sized {
    /// Returns the name of the kind.
    fn kind_name(&self) -> &'static str;

    /// Writes the canonical bytes of a value that stands at `depth`.
    fn put(&self, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError>;

    /// Writes the typed JSON.
    fn write<S: Serializer>(&self, depth: usize, to: S) -> Result<S::Ok, S::Error>;

    /// Reads the typed JSON.
    fn read(json: &Json, depth: usize) -> Result<Self, ParamError>;

    /// Writes what people read.
    fn show<S: Serializer>(&self, shown: Shown, to: S) -> Result<S::Ok, S::Error>;

    /// Tells whether people see parts of the value.
    fn shows_parts(&self) -> bool;

    /// Returns how many bytes a text for people takes, at a guess.
    fn weight_bytes(&self) -> usize;

    /// Names a key in a path.
    fn brief(&self) -> String;

    /// Tells whether the value nests deeper than `levels`.
    fn nests_beyond(&self, levels: usize) -> bool;

    /// Returns the canonical bytes of a value that stands at `depth`.
    fn node(&self, depth: usize) -> Result<Vec<u8>, ParamError> {
        let mut out = Vec::new();
        self.put(&mut out, depth)?;
        Ok(out)
    }
}

/// The typed JSON of a value of any kind, at a depth.
pub(crate) struct Typed<'a, V>(pub(crate) &'a V, pub(crate) usize);

impl<V: Forms> Serialize for Typed<'_, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.write(self.1, to)
    }
}

/// The text for people of a value of any kind.
pub(crate) struct ForPeople<'a, V>(pub(crate) &'a V, pub(crate) Shown);

impl<V: Forms> Serialize for ForPeople<'_, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.show(self.1, to)
    }
}

/// How a value is shown to people.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) depth: usize,
    /// Large values are told by what they are and their digest.
    pub(crate) elides: bool,
}

impl Shown {
    pub(crate) fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

/// What people are shown in place of a large value.
pub(crate) struct Large {
    /// As in `list of 5000 items`.
    pub(crate) what: String,
    pub(crate) begins: Option<String>,
    pub(crate) digest: Option<[u8; 32]>,
}

impl Serialize for Large {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut members = to.serialize_map(None)?;
        members.serialize_entry("elided", &self.what)?;
        if let Some(begins) = &self.begins {
            members.serialize_entry("begins", begins)?;
        }
        if let Some(digest) = &self.digest {
            members.serialize_entry("digest", &to_hex(digest))?;
        }
        members.end()
    }
}

pub(crate) fn too_deep(type_name: &'static str) -> ParamError {
    ParamError::new(
        type_name,
        format!("is nested more than {MAX_DEPTH} deep"),
        "flatten it, or encode it as text or bytes",
    )
}
