//! See the crate's documentation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

#[cfg(shuttle)]
mod code;
#[cfg(not(shuttle))]
mod model;
#[cfg(not(shuttle))]
mod objects;
#[cfg(not(shuttle))]
mod running;
#[cfg(shuttle)]
mod simulation;
