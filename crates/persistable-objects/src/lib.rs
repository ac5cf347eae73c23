//! Object storage and SFTP behind one small blocking trait.
//!
//! TODO

#[cfg(feature = "azure")]
mod azure;
mod can;
#[cfg(feature = "cloud")]
mod cloud;
mod engine;
mod error;
#[cfg(feature = "gcs")]
mod gcs;
#[cfg(feature = "http")]
mod http;
mod memory;
mod name;
mod objects;
mod open;
mod options;
mod policy;
#[cfg(any(feature = "cloud", feature = "sftp"))]
mod process;
#[cfg(any(feature = "cloud", feature = "sftp"))]
mod progress;
mod random;
#[cfg(any(feature = "cloud", feature = "sftp"))]
mod runtime;
#[cfg(feature = "s3")]
mod s3;
mod secret;
mod service;
#[cfg(feature = "sftp")]
mod sftp;
mod stop;

pub use can::{Can, Replace};
pub use error::{Error, ErrorKind, Result};
pub use memory::{Memory, Trouble, Verb};
pub use objects::{Entry, Fetched, Found, Got, Objects, Only, Put, UploadId, Version};
pub use open::{Options, open};
