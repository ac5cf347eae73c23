//! The servers that tests talk to.
//!
//! `scripts/servers/with s3 azure sftp https -- COMMAND` starts real ones on loopback, and runs a command with variables such
//! as `PERSISTABLE_TEST_S3`. A test that needs one of them is skipped where its variable is not set, and says so once. With
//! `PERSISTABLE_TEST_ALL=1` it fails instead.
//!
//! - [`Address`]: a fresh folder on one of them, as a URL and options;
//! - [`files`]: a web server that shows a local folder;
//! - [`google`]: a stub of Google Cloud Storage, since nothing else speaks its XML API;
//! - [`proxy`]: a proxy that counts requests, delays and cuts connections, and loses answers;
//! - [`messages`]: HTTP/1.1, and servers that answer by a function.
//!
//! Here is also [`forks`], which tests of several crates need: a forked child, and how it ended.
#![allow(
    missing_docs,
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "it is a part of tests"
)]

mod address;
pub mod files;
pub mod forks;
pub mod google;
pub mod messages;
pub mod proxy;

pub use address::{Address, fresh, is_there, server};
