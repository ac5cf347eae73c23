//! The promises of the payload IOs that are not of one alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(all(
    feature = "msgpack",
    feature = "json",
    feature = "ndarray",
    feature = "csv",
    feature = "avro",
    feature = "parquet",
    feature = "zstd"
))]
mod each;
#[cfg(any(feature = "msgpack", feature = "json"))]
mod fields;
#[cfg(all(feature = "msgpack", feature = "json"))]
mod shapes;
mod source_and_target;
