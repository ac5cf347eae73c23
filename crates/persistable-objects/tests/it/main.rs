//! One suite for all kinds of stores, on real servers. `make objects-test` starts them.

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
#[cfg(feature = "gcs")]
mod google;
#[cfg(any(feature = "gcs", feature = "http", feature = "s3"))]
mod messages;
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
mod proxy;
#[cfg(feature = "s3")]
mod secrets;
#[cfg(feature = "sftp")]
mod ssh;
