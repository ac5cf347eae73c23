//! The natural form for people, which loses kinds and is never read back.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use crate::kind::{ForPeople, MAX_DEPTH, Shown};
use crate::value::{Fields, Value};

impl Value {
    /// Returns the JSON that people read and query: `5`, `"a"`, `{"depth": 3}`. It does not tell all kinds apart.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use persistable_key::Param;
    ///
    /// let value = (Some(5), f64::NAN, Duration::from_millis(1500)).to_value()?;
    /// assert_eq!(value.for_people().to_string(), r#"[5,"nan","1.5s"]"#);
    /// # Ok::<(), persistable_key::ParamError>(())
    /// ```
    pub fn for_people(&self) -> Json {
        // It has no map with other keys than texts, which is all that could fail.
        serde_json::to_value(self.natural()).unwrap_or_default()
    }

    /// Returns the same to be written, with the members of each object in their order.
    pub fn natural(&self) -> Natural<'_> {
        Natural { value: self, elides: false }
    }
}

impl Fields {
    /// Returns the JSON that people read, of all fields that they are to see.
    pub fn for_people(&self) -> Map<String, Json> {
        self.iter().map(|(name, value)| (String::from(name), value.for_people())).collect()
    }
}

/// A value as people read it, written as JSON by serde and by `Display`.
#[derive(Clone, Copy)]
pub struct Natural<'a> {
    value: &'a Value,
    elides: bool,
}

impl Natural<'_> {
    /// Shows what is large by what it is, and its digest: text and bytes beyond 4 KiB, and what holds some hundred values.
    ///
    /// The digest of text and bytes is that of their bytes, that of anything else of its canonical bytes.
    ///
    /// ```
    /// use persistable_key::Param;
    ///
    /// let value = vec![0.5; 100_000].to_value()?;
    /// let shown = value.natural().eliding().to_string();
    /// assert!(shown.starts_with(r#"{"elided":"list of 100000 items","digest":""#));
    /// # Ok::<(), persistable_key::ParamError>(())
    /// ```
    #[must_use]
    pub fn eliding(self) -> Self {
        Self { elides: true, ..self }
    }
}

impl Serialize for Natural<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // What nests too deep to be shown is too deep to be weighed as well.
        let elides = self.elides && !self.value.nests_deeper_than(MAX_DEPTH);
        ForPeople(self.value, Shown { depth: 1, elides }).serialize(to)
    }
}

impl fmt::Display for Natural<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Natural<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Natural({self})")
    }
}
