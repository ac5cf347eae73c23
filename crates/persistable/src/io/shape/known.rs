//! The shapes of this program's types, each found out once.

use std::any::TypeId;
use std::collections::BTreeMap;

use persistable_base::fork::Table;
use serde::de::DeserializeOwned;

use super::explore::explore;
use super::tree::TypeShape;

/// What a manifest has room for.
const MOST_BYTES: usize = 16 * 1024;

/// The shapes that were found out, by type and by whether they are for people.
static KNOWN: Table<BTreeMap<(TypeId, bool), String>> = Table::new(BTreeMap::new());

/// Returns the shape of a type, as text: what [`PayloadIo::payload_shape`](crate::io::PayloadIo::payload_shape) returns for formats
/// that rest on serde.
///
/// The function reads made-up values as the type, several times if the type has enums. It costs microseconds to
/// milliseconds, once for each type. What a type's own `Deserialize` hides stands in the text as `any`, and agrees with
/// everything. So does a shape whose text would have more than 16 KiB. If `is_human_readable`, types may choose the form
/// that is for people.
///
/// ```
/// use persistable::io::shape_of;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Reading {
///     station: String,
///     degrees: Option<f64>,
/// }
///
/// assert_eq!(shape_of::<Vec<Reading>>(false), "[{station: text, degrees: f64?}]");
/// ```
#[must_use]
pub fn shape_of<P: DeserializeOwned>(is_human_readable: bool) -> String {
    let of = (typeid::of::<P>(), is_human_readable);
    if let Some(text) = KNOWN.lock().get(&of) {
        return text.clone();
    }
    let shape = explore::<P>(is_human_readable).to_string();
    let text = if shape.len() > MOST_BYTES { TypeShape::Any.to_string() } else { shape };
    KNOWN.lock().insert(of, text.clone());
    text
}
