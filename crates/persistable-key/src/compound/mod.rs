//! The kinds of values that hold other values, each with all its forms.

mod fields;
mod large;
mod list;
mod map;
mod member;
mod record;
mod set;
mod table;

pub(crate) use fields::{TypedFields, put_fields, read_fields};
pub(crate) use list::{List, Tuple};
pub(crate) use map::Map;
pub(crate) use member::Enum;
pub(crate) use record::Record;
pub(crate) use set::Set;
pub(crate) use table::Table;
