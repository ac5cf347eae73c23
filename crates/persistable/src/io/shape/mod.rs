//! The shape of a payload's type: what it consists of, down to the numbers.
//!
//! Formats that name fields but not types take some changes without a word: a `Vec<f64>` in MessagePack is read as a
//! `Vec<f32>`, and 1e300 becomes infinity. So the shape of the type is recorded with the payload, and compared before the
//! payload is read.

mod access;
mod agree;
mod ask;
mod explore;
mod text;

use std::any::TypeId;
use std::collections::BTreeMap;

use persistable_base::fork::Table;
use serde::de::DeserializeOwned;

pub(super) use self::agree::check;

/// What a manifest has room for.
const MOST_BYTES: usize = 16 * 1024;

/// The shapes that were found out, by type and by whether they are for people.
static KNOWN: Table<BTreeMap<(TypeId, bool), String>> = Table::new(BTreeMap::new());

/// What a type consists of, as serde reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    /// What cannot be told without a value. It agrees with everything.
    Any,
    /// A plain value, by its name, such as `f64`.
    Plain(&'static str),
    Option(Box<Shape>),
    List(Box<Shape>),
    Tuple(Vec<Shape>),
    Map(Box<Shape>, Box<Shape>),
    Struct(Vec<(String, Shape)>),
    /// The variants; one without data has no shape.
    Enum(Vec<(String, Option<Shape>)>),
    /// The shape that is so many levels above: the type contains itself.
    Above(usize),
}

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
    let shape = explore::explore::<P>(is_human_readable).to_string();
    let text = if shape.len() > MOST_BYTES { Shape::Any.to_string() } else { shape };
    KNOWN.lock().insert(of, text.clone());
    text
}

/// Makes up a value of a type, such as for the columns that it has; `None` where the type refuses all that is tried.
#[cfg(feature = "csv")]
pub(super) fn example_of<P: DeserializeOwned>(is_human_readable: bool) -> Option<P> {
    explore::example(is_human_readable)
}
