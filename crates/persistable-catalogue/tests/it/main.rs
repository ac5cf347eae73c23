//! Tests of the catalogue, by what it promises.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod buckets;
mod exchange;
mod explaining;
mod filters;
mod freshness;
mod lab;
mod logs;
mod overview;
mod removing;
mod status;
mod vectors;
mod watching;
