//! One suite for all kinds of stores, on real servers. `make stores-test` starts them.

#![cfg_attr(
    not(feature = "s3"),
    allow(dead_code, reason = "what the places share is used in full by all of them only")
)]
#![allow(
    missing_docs,
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing
)]

mod conformance;
mod faults;
mod options;
mod places;
mod transfer;
#[cfg(feature = "http")]
mod web;

#[cfg(feature = "s3")]
mod credentials;
#[cfg(feature = "s3")]
mod fork;
#[cfg(feature = "s3")]
mod network;
#[cfg(feature = "s3")]
mod secrets;
#[cfg(feature = "sftp")]
mod ssh;
