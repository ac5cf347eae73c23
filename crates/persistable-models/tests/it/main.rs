//! See the crate's documentation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

mod code;
mod model;
#[path = "../../mutants.rs"]
#[allow(dead_code, reason = "what a mutant consists of matters when it is built")]
mod mutants;
mod steps;
