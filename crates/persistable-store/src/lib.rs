//! Where artifacts live: a folder or memory; committing, leases, verification, quarantine and healing.
//!
//! This crate knows nothing of parameters or payload types. It keeps *artifacts*: payload bytes (one file, or a folder of
//! files), the params JSON for people, and the manifest that ties a key to the digest of the payload. What it promises is
//! written down in `spec/artifact-v1.md`; the library people use on top of it is `persistable`.
//!
//! # The life of an artifact
//!
//! ```
//! use std::io::Write;
//! use persistable_store::{ArtifactId, Draft, PayloadName, Settings, Store, Wait};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Store::memory();
//! let id = ArtifactId::new(PayloadName::new("greeting")?, [7; 32]);
//! assert!(store.find(&id)?.is_none());
//!
//! let lease = store.lease(&id, Wait::Forever, &mut |_| {})?;
//! let mut staging = store.stage(&lease, ".txt", &Settings::default())?;
//! staging.writer()?.write_all(b"hello")?;
//! store.publish(&lease, staging, Draft::new("text", 1))?;
//! drop(lease);
//!
//! let artifact = store.find(&id)?.ok_or("just published")?;
//! let mut payload = artifact.payload(&Settings::default())?;
//! assert_eq!(payload.bytes()?.as_ref(), b"hello");
//! # Ok(())
//! # }
//! ```

#[cfg(not(unix))]
compile_error!("the folder store needs the locks and renames of a Unix file system");

mod artifact;
mod bytes;
mod content;
mod digest;
mod error;
mod folder;
mod input_record;
mod lease;
mod lock;
mod manifest;
mod map;
#[doc(hidden)]
pub mod medium;
mod memory;
mod name;
mod os;
mod payload;
mod place;
#[cfg(persistable_sabotage)]
mod sabotage;
mod settings;
mod signature;
mod staging;
mod store;
mod trust;
mod unique;
mod verified;

#[doc(hidden)]
pub use persistable_base::fork;

#[doc(inline)]
pub use persistable_base::wait::Wait;

pub use artifact::Artifact;
pub use bytes::{PayloadBytes, PrivateBytes};
pub use digest::{Digest, ParseDigestError};
pub use error::{Error, ErrorKind, Result};
pub use input_record::InputRecord;
pub use lease::{Holder, Lease};
pub use manifest::{CodeStamp, DependencyRecord, Draft, FileRecord, Making, Manifest, PayloadRecord, Provenance};
pub use map::{Mapped, MappedCopy};
pub use name::{ArtifactId, PayloadName};
pub use payload::StoredPayload;
pub use settings::{Durability, Settings, Verification};
pub use signature::SigningKey;
pub use staging::Staging;
pub use store::Store;
pub use trust::{Trust, Written};
