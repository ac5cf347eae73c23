//! What a kind of store has to do.
//!
//! A kind of store implements [`Backend`]. It says which store it is, and it has nine verbs:
//!
//! | verb | what it does |
//! | --- | --- |
//! | [`find`](Backend::find) | returns the manifest of an artifact |
//! | [`payload`](Backend::payload) | returns its payload, to be read |
//! | [`try_lease`](Backend::try_lease) | tries to be the one who generates it |
//! | [`stage`](Backend::stage) | begins to write a payload, which [`Stage::publish`] commits |
//! | [`amend`](Backend::amend) | replaces the manifest, and keeps the payload |
//! | [`remove`](Backend::remove) | removes the artifact |
//! | [`list`](Backend::list) | lists what is there, in batches |
//! | [`keep`](Backend::keep), [`kept`](Backend::kept) | write and read a record that many artifacts share |
//!
//! It may also offer these abilities. Each is a trait of its own, and a store works without it:
//!
//! | ability | what it is for |
//! | --- | --- |
//! | [`Companions`] | texts beside artifacts: labels, records of removal, notes of attempts |
//! | [`Browse`] | a catalogue that notices changes without reading everything |
//! | [`GroupSyncs`] | making many artifacts durable by one call |
//!
//! [`Store::over`](crate::Store::over) makes a store of it. The store does what is the same for all kinds: it seals and signs
//! manifests, digests payloads and compares them with their manifests, decides whom to trust, waits for leases, and excludes the
//! threads of a process from each other.
//!
//! # What holds for all verbs
//!
//! - An artifact is named by its *stem*, `name(32 hex digits)`. It exists if its manifest exists.
//! - A manifest is a text of a few thousand bytes. Readers see all of it or none, at any time, without a lease.
//! - A payload is a file or a folder of files, under the name in its manifest. Once the manifest can be seen, the payload does not
//!   change. Another payload gets another name. Or it replaces this one in one step, under a manifest that names both.
//! - If something is missing, the answer is `None` or `false`, and not an error. A failure never looks as if something were missing.
//! - [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) means damage, and nothing else.
//! - Several threads may call any verb at the same time. Only the holder of the lease publishes, amends and removes.
//! - A forked child may use its parent's value. It has none of its parent's leases.

mod browse;
mod companions;
mod facts;
mod group_sync;
mod lease;

use std::fmt;

pub use browse::{Browse, Surveyed, Watch};
pub use companions::{Companion, Companions};
pub use facts::Facts;
pub use group_sync::{GroupSync, GroupSyncs};
pub use lease::{Hold, LeaseAnswer, OfThisProcess, Wanted};

pub use crate::files::Files;
pub use crate::format::Content;
pub use crate::format::name::owns_payload_file;
pub use crate::found::{Found, Look};
pub use crate::location::{Identity, Location};
pub use crate::patience::Holder;
pub use crate::payload::{InMemory, Payload, PayloadRequest};
pub use crate::publication::{Committed, Publication};
pub use crate::staging::{Buffered, Stage};
pub use crate::trust::{Author, Care, Guard};

use crate::error::Result;
use crate::format::Digest;
use crate::settings::Durability;

/// A kind of store.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Returns which store this is. It is the same for all ways to reach the store, and another one for each other store. If
    /// another store takes its place, it changes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the store can't be reached.
    fn identity(&self) -> Result<Identity>;

    /// Returns where the store is, for people.
    fn location(&self) -> &Location;

    /// Returns what is always true of this kind of store.
    fn facts(&self) -> Facts {
        Facts::default()
    }

    /// Returns the manifest of an artifact; `None` if there is none. It finds what was published before the call.
    ///
    /// # Errors
    ///
    /// Those of reading, and damage if something is in its place that can't be a manifest.
    fn find(&self, stem: &str, look: Look<'_>) -> Result<Option<Found>>;

    /// Returns a payload, to be read. It may read the payload now or later. If it finds only then that the payload is missing, that
    /// is damage.
    ///
    /// # Errors
    ///
    /// Those of reading.
    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>>;

    /// Tries to be the one who generates an artifact, without waiting. No other thread of this process has the lease. `identity` is
    /// what [`identity`](Self::identity) said a moment ago.
    ///
    /// At most one process has the lease at any time. It ends when the [`Hold`] is dropped, and when the process dies.
    ///
    /// # Errors
    ///
    /// Those of asking, and [`ErrorKind::Denied`](crate::ErrorKind::Denied) if nothing may be written.
    fn try_lease(&self, identity: Identity, stem: &str, wanted: Wanted) -> Result<LeaseAnswer>;

    /// Begins to write a payload, which will have this file name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Denied`](crate::ErrorKind::Denied) if nothing may be written.
    fn stage(&self, stem: &str, file: &str, durability: Durability) -> Result<Box<dyn Stage>>;

    /// Replaces the manifest of an artifact, which was `old` a moment ago, and returns the new one. The payload stays. If the store
    /// can tell that another manifest is there by now, it changes nothing, and returns `None`.
    ///
    /// # Errors
    ///
    /// Those of writing. Either manifest may be there then.
    fn amend(&self, stem: &str, old: &Found, sealed: &[u8], durability: Durability) -> Result<Option<Found>>;

    /// Removes an artifact, or whatever is left of it, the manifest first. Returns whether there was a manifest.
    ///
    /// # Errors
    ///
    /// Those of removing.
    fn remove(&self, stem: &str, removal: Removal<'_>) -> Result<bool>;

    /// Lists the stems of manifests that come after `after`, in the order of their bytes. It returns as many as suit the store, and
    /// none only if there are no more. What is published or removed meanwhile may be among them.
    ///
    /// # Errors
    ///
    /// Those of listing.
    fn list(&self, after: Option<&str>) -> Result<Vec<String>>;

    /// Keeps a record, by its digest. If nothing can be written, it does nothing.
    ///
    /// # Errors
    ///
    /// Those of writing. Most callers ignore them, since no artifact needs a record.
    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()>;

    /// Returns the record that was kept under this digest, if `is_it` says that this is the one; `None` if it is lost. It may be
    /// damaged, or written by somebody else.
    ///
    /// # Errors
    ///
    /// Those of reading: a record that can't be read is not lost.
    fn kept(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>>;

    /// Returns the store's texts beside artifacts, if it can keep any.
    fn companions(&self) -> Option<&dyn Companions> {
        None
    }

    /// Returns what tells a catalogue more than [`list`](Self::list) does, if the store has that.
    fn browse(&self) -> Option<&dyn Browse> {
        None
    }

    /// Returns what makes many artifacts durable together, if the store has that.
    fn group_syncs(&self) -> Option<&dyn GroupSyncs> {
        None
    }
}

/// Why an artifact is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal<'a> {
    /// Nobody wants it.
    Unwanted,
    /// It is damaged, for this reason. If the store can, it keeps the files for people.
    Damaged(&'a str),
}
