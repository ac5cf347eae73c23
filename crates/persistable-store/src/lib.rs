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

mod advice;
mod artifact;
pub mod backend;
mod copying;
mod digesting;
mod error;
mod files;
mod folder;
mod format;
mod found;
mod interrupt;
mod key_file;
mod keys;
mod layers;
mod lease;
mod location;
mod machine;
#[doc(hidden)]
pub mod medium;
mod memory;
mod on_disk;
mod parallel;
mod parsed;
mod patience;
mod payload;
mod payload_ios;
mod publication;
mod remote;
mod scratch;
mod settings;
mod staging;
mod store;
mod thread_locks;
mod tree;
mod trust;

#[doc(hidden)]
pub use folder::{Process, share_log};
#[doc(hidden)]
pub use format::seal;
#[doc(hidden)]
pub use location::StoreId;
#[doc(hidden)]
pub use payload_ios::RUN_NO_CODE;
#[doc(hidden)]
pub use persistable_base::fork;
/// Object storage below the stores of this crate: for kinds of one's own, see [`StoreOptions::over`].
#[doc(no_inline)]
pub use persistable_objects as objects;
#[doc(hidden)]
pub use store::{is_url, path_in_url, size_of};
#[doc(hidden)]
pub use tree::WROTE_NOTHING;

pub use artifact::Artifact;
pub use copying::{CopyOptions, CopyProgress, CopyReport, NotCopied, Selection};
pub use error::{Error, ErrorKind, Result};
pub use format::{
    ArtifactId, Attempt, CodeStamp, DependencyRecord, Digest, Draft, FileRecord, InputRecord, Labels, Making, Manifest,
    ParseDigestError, PayloadName, PayloadRecord, Provenance, Removed, SigningKey, Written,
};
pub use keys::{Keys, Need};
pub use lease::Lease;
pub use machine::{host, name_program};
pub use patience::Holder;
pub use payload::{Mapped, MappedCopy, PayloadBytes, PrivateBytes, StoredPayload};
pub use payload_ios::may_run_code;
pub use remote::{Clock, Remote, RemoteSettings, Suspended};
pub use settings::{Durability, Settings, Verification, Wait};
pub use staging::Staging;
pub use store::{Artifacts, Listed, Store, StoreOptions};
pub use trust::Trust;
