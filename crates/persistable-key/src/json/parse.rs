//! JSON from text, deep enough for every value and no deeper.

use serde::Deserialize;
use serde_json::{Deserializer, Value as Json};

use crate::error::ParamError;
use crate::kind::MAX_DEPTH;

/// A value takes at most three levels of JSON, and stands within a few of a manifest.
const MAX_JSON_DEPTH: usize = 3 * MAX_DEPTH + 16;

/// Parses JSON that holds values, as deep as these can be.
///
/// `serde_json` by itself refuses what nests deeper than 128, which the JSON of a value that nests 43 deep does.
///
/// ```
/// use persistable_key::{Value, parse_json};
///
/// let value = Value::from_json(&parse_json(r#"{"list": [{"int": 5}]}"#)?)?;
/// assert_eq!(value.for_people().to_string(), "[5]");
/// # Ok::<(), persistable_key::ParamError>(())
/// ```
///
/// # Errors
///
/// Refuses text that is not JSON, or that nests deeper than any value does; it never overflows the stack.
pub fn parse_json(text: &str) -> Result<Json, ParamError> {
    if is_too_deep(text) {
        return Err(ParamError::new(
            "JSON",
            "is nested deeper than any value",
            "it was not written by persistable; restore or remove it",
        ));
    }
    let mut deserializer = Deserializer::from_str(text);
    deserializer.disable_recursion_limit();
    Json::deserialize(&mut deserializer).and_then(|json| deserializer.end().map(|()| json)).map_err(|error| {
        ParamError::new("JSON", format!("cannot be parsed ({error})"), "restore the text, or remove it")
    })
}

/// Counts brackets outside of strings.
fn is_too_deep(text: &str) -> bool {
    let mut depth: usize = 0;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_JSON_DEPTH {
            return true;
        }
    }
    false
}
