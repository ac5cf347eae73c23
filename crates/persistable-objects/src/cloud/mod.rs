//! What S3, GCS, Azure and HTTP share: a service over the crate `object_store`, with an HTTP layer of our own below it.
//!
//! `object_store` signs requests and reads answers. It does not retry here. Our own layer below it watches the progress of
//! bytes, notes what a server answered, and sends each request once.

mod body;
mod connect;
mod exchange;
mod fault;
mod kind;
#[cfg(feature = "http")]
mod read_only;
mod root;
mod service;
mod trouble;
mod whole;
mod wire;
mod words;

pub(crate) use connect::{Client, Connected};
#[cfg(any(feature = "gcs", feature = "azure"))]
pub(crate) use fault::chain;
pub(crate) use fault::{Task, Told};
pub(crate) use kind::{Kind, Versions};
#[cfg(feature = "http")]
pub(crate) use read_only::ReadOnly;
pub(crate) use root::Cloud;
#[cfg(feature = "s3")]
pub(crate) use wire::Wire;
