//! Canonical bytes, by the specification.

use crate::compound::put_fields;
use crate::error::ParamError;
use crate::kind::Forms;
use crate::value::{Fields, Value};

impl Value {
    /// Returns the name of the kind, as the specification and the JSON form have it.
    pub fn kind(&self) -> &'static str {
        self.kind_name()
    }

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
        self.node(1)
    }

    /// Tells whether the value nests deeper than `levels`; a value without parts is 1 deep. It looks no deeper than that.
    pub fn nests_deeper_than(&self, levels: usize) -> bool {
        self.nests_beyond(levels)
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
