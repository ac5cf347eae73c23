//! What the crate promises, one promise a module.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod agree;
#[cfg(feature = "ndarray")]
mod arrays;
mod differ;
#[cfg(all(
    feature = "chrono",
    feature = "jiff",
    feature = "num-bigint",
    feature = "num-complex",
    feature = "rust_decimal",
    feature = "uuid"
))]
mod foreign_types;
#[cfg(unix)]
mod fork;
mod json;
mod keys;
mod people;
mod refuse;
mod sample;
mod type_names;
mod vectors;

use persistable_key::{Param, Value};

fn value(param: impl Param) -> Value {
    param.to_value().unwrap()
}

fn bytes(param: impl Param) -> Vec<u8> {
    value(param).canonical_bytes().unwrap()
}
