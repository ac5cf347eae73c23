//! Stores of objects: buckets, SFTP servers, web servers, and whatever else keeps bytes under names.
//!
//! `spec/artifact-v1.md` says what lies there and how leases and commits work ("Stores of objects"). In short: a commit is decided
//! by a conditional put of the manifest, and never by the lease. The lease saves work.
//!
//! ```text
//! kind      the verbs of a store                     lease     taking a lease, and waiting for one
//! root      what all of them share                   own_lease a lease that this process has
//! names     names of objects                         renewal   the thread that renews leases
//! tombstone what is in a manifest's place            stage     a payload on its way
//! body      what a lease says                        commit    the conditional put of the manifest
//! fault     errors of objects as errors of stores    litter    what died holders left behind
//! payload   downloading a payload, and reading it    cache     payloads that were downloaded
//! ```

mod advisory;
mod base;
mod body;
mod browse;
mod cache;
mod clock;
mod commit;
mod companions;
mod fault;
mod hold;
mod kind;
mod lease;
mod listing;
mod litter;
mod names;
mod new_lease;
mod numbered;
mod numbers;
mod own_lease;
mod payload;
mod records;
mod remote_store;
mod remove;
mod renewal;
mod root;
mod seen_lease;
mod settings;
mod stage;
mod tombstone;
mod upload;

pub(crate) use cache::Cache;
pub use clock::{Clock, Suspended};
pub(crate) use fault::of_opening;
pub use kind::Remote;
pub use settings::RemoteSettings;
