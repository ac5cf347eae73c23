//! JSON: from text, and its members.

mod members;
mod parse;

pub(crate) use members::{Members, elements, kind_and_body, read_each, text, unknown_kind};
pub use parse::parse_json;
