//! Values as JSON: the typed, lossless form of manifests, and the natural one for people.

mod number;
mod people;
mod read;
mod text;
mod write;

pub use text::parse_json;
