//! The tests of `persistable`, by promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, unreachable_pub)]
#![allow(clippy::disallowed_types, reason = "no test forks")]

mod code_change;
mod compile_fail;
mod contention;
mod copying;
mod damage;
mod dependencies;
mod derive;
mod errors;
mod formats;
mod inputs;
mod leases;
mod logs;
mod misses;
#[cfg(feature = "s3")]
mod network;
#[cfg(all(
    feature = "msgpack",
    feature = "json",
    feature = "ndarray",
    feature = "csv",
    feature = "avro",
    feature = "parquet",
    feature = "zstd",
    feature = "jiff",
    feature = "num-bigint",
    feature = "num-complex",
    feature = "rust_decimal",
    feature = "uuid"
))]
mod old_stores;
mod ordinary_thread;
mod other_languages;
mod params_file;
mod payload_types;
#[cfg(feature = "rayon")]
mod pools;
mod random;
mod remote;
mod remove;
mod reproduce;
mod running;
mod shapes;
mod spans;
mod stale;
mod steps;
mod support;
mod trust;
