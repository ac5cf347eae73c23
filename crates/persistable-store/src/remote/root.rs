//! What all verbs of a store of objects share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use persistable_base::fork::{Shared, Table};
use persistable_objects::{Can, Got, Objects, Only, Put, Version};

use super::fault::of_objects;
use super::seen_lease::SeenLease;
use super::settings::RemoteSettings;
use crate::error::{Error, ErrorKind, Result};
use crate::format::Digest;
use crate::location::{Identity, Location};

/// So many leases are remembered.
const MOST_SEEN: usize = 4096;

/// What all verbs share.
pub(super) struct Root {
    pub(super) objects: Arc<dyn Objects>,
    pub(super) settings: RemoteSettings,
    pub(super) location: Location,
    pub(super) identity: Identity,
    /// What was seen of leases last.
    seen_leases: Shared<BTreeMap<String, SeenLease>>,
    /// The records that were put.
    pub(super) records: Shared<BTreeSet<Digest>>,
}

/// Below it there are certificates and much else that nobody wants to read.
impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root")
            .field("location", &self.location)
            .field("cache", &self.settings.cache)
            .finish_non_exhaustive()
    }
}

/// How a store excludes others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fence {
    /// It takes both conditions: one object is the lease, and each commit is decided by the store.
    Full,
    /// It takes "if absent" only: leases are numbered, and replacing a manifest is not fenced.
    Create,
    /// It takes no condition.
    None,
}

/// Returns the kind of URL by which a bucket is written to, if its web page is meant.
fn bucket_shown_at(location: &str) -> Option<&'static str> {
    let host = location.split_once("://")?.1.split(['/', ':']).next()?;
    let hosts = [
        (".amazonaws.com", "s3://bucket/folder"),
        ("storage.googleapis.com", "gs://bucket/folder"),
        (".blob.core.windows.net", "az://container/folder, and the option `account`"),
    ];
    hosts.into_iter().find_map(|(end, url)| host.ends_with(end).then_some(url))
}

impl Root {
    pub(super) fn new(objects: Arc<dyn Objects>, settings: RemoteSettings) -> Self {
        let url = objects.location().trim_end_matches('/').to_owned();
        let digest = Digest::of(url.as_bytes());
        let half = |skipped: usize| {
            digest.as_bytes().iter().skip(skipped).take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        // Two stores in memory may have the same name.
        let address = if url.starts_with("memory:") { Arc::as_ptr(&objects).cast::<()>() as u64 } else { 0 };
        Self {
            identity: Identity::new("objects", [half(0), half(8) ^ address]),
            location: Location::Name(url),
            objects,
            settings,
            seen_leases: Shared::new(BTreeMap::new()),
            records: Shared::new(BTreeSet::new()),
        }
    }

    /// Returns how the store excludes others. The first call may probe it.
    pub(super) fn fence(&self) -> Result<Fence> {
        let Can { create, replace } = self.objects.can().map_err(|error| self.fault(&error))?;
        Ok(match (create, replace.is_possible()) {
            (true, true) => Fence::Full,
            (true, false) => {
                // What an SFTP server can do is known.
                if !self.objects.location().starts_with("sftp:") {
                    self.warn(
                        "this store can't replace an object only if it is unchanged. If a process is stopped for longer than the \
                         lease time, it may overwrite a result that was persisted meanwhile",
                    );
                }
                Fence::Create
            }
            (false, _) => {
                self.warn(
                    "this store can't exclude other processes: it has no conditional writes. A step may be generated twice. The \
                     last result counts, and results never mix",
                );
                Fence::None
            }
        })
    }

    /// Says what failed in this store.
    pub(super) fn fault(&self, error: &persistable_objects::Error) -> Error {
        of_objects(&self.location, self.objects.is_read_only(), error)
    }

    /// Says once in a process what the store can't do.
    fn warn(&self, what: &str) {
        static WARNED: Table<BTreeSet<String>> = Table::new(BTreeSet::new());
        let store = self.objects.location();
        let is_new = WARNED.lock().insert(store.to_owned());
        if is_new {
            tracing::warn!(target: "persistable", store, "{what}");
        }
    }

    /// Fails where nothing may be written.
    pub(super) fn check_writable(&self) -> Result<()> {
        if !self.objects.is_read_only() {
            return Ok(());
        }
        let advice = "To generate results, use one that can be written to, or layers with such a store on top";
        let error = Error::new(ErrorKind::Denied, "this store can only be read").at(&self.location);
        Err(match bucket_shown_at(self.objects.location()) {
            Some(url) => {
                error.advise(format!("{advice}. This is the web page of a bucket. To write to the bucket, use {url}"))
            }
            None => error.advise(advice),
        })
    }

    /// Reads an object.
    pub(super) fn get(&self, name: &str, unless: Option<&Version>) -> Result<Got> {
        self.objects.get(name, unless).map_err(|error| self.fault(&error))
    }

    /// Writes an object.
    pub(super) fn put(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put> {
        self.objects.put(name, bytes, only).map_err(|error| self.fault(&error))
    }

    /// Deletes objects.
    pub(super) fn delete(&self, names: &[String]) -> Result<()> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if names.is_empty() {
            return Ok(());
        }
        self.objects.delete(&names).map_err(|error| self.fault(&error))
    }

    /// Remembers what was seen of a lease.
    pub(super) fn remember(&self, stem: &str, seen: SeenLease) {
        let dropped = self.seen_leases.with(|table| {
            let before = if table.len() >= MOST_SEEN { std::mem::take(table) } else { BTreeMap::new() };
            table.insert(stem.to_owned(), seen);
            before
        });
        drop(dropped);
    }

    /// Returns what was seen of a lease last.
    pub(super) fn take_seen(&self, stem: &str) -> Option<SeenLease> {
        self.seen_leases.with(|seen| seen.remove(stem))
    }
}
