//! The typed JSON of the specification, which loses nothing.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use crate::compound::{TypedFields, read_fields};
use crate::error::ParamError;
use crate::kind::{Forms, Typed};
use crate::value::{Fields, Value};

/// Writes the typed JSON of the specification, its members in the order that the specification shows.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Typed(self, 1).serialize(to)
    }
}

/// Writes the typed JSON of the fields that are in the key, by the name they have there, in the order in which the type
/// declares them.
impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        TypedFields(self, 1).serialize(to)
    }
}

impl Value {
    /// Returns the typed JSON of the specification, from which [`from_json`](Value::from_json) makes the same value.
    ///
    /// Of a value without canonical bytes, what nests too deep is left out: such JSON is refused where it is read. To write
    /// the JSON as text, serialize the value itself: that keeps the order of members.
    ///
    /// ```
    /// use persistable_key::{Param, Value};
    ///
    /// let value = (2, "a").to_value()?;
    /// let json = value.to_json();
    /// assert_eq!(json.to_string(), r#"{"tuple":[{"int":2},{"text":"a"}]}"#);
    /// assert_eq!(Value::from_json(&json)?.canonical_bytes()?, value.canonical_bytes()?);
    /// # Ok::<(), persistable_key::ParamError>(())
    /// ```
    pub fn to_json(&self) -> Json {
        // It has no map with other keys than texts, which is all that could fail.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Reads the typed JSON of the specification.
    ///
    /// # Errors
    ///
    /// Refuses, with the path, whatever the specification does not give a meaning. It never panics.
    pub fn from_json(json: &Json) -> Result<Self, ParamError> {
        Self::read(json, 1)
    }
}

impl Fields {
    /// Returns the typed JSON of the fields that are in the key, by the name they have there.
    pub fn to_json(&self) -> Map<String, Json> {
        self.keyed().map(|field| (String::from(field.name), field.value.to_json())).collect()
    }

    /// Reads a step's params: typed JSON by the name each field has in the key.
    ///
    /// # Errors
    ///
    /// Refuses, with the path, whatever the specification does not give a meaning. It never panics.
    pub fn from_json(json: &Json) -> Result<Self, ParamError> {
        read_fields(json, 1)
    }
}
