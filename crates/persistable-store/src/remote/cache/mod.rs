//! Payloads of remote stores that were downloaded: a folder of this account's own on this machine's disk.
//!
//! An entry is a folder under the payload's digest, so that all stores share it:
//!
//! ```text
//! <cache>/payloads/ab/<digest>/payload        the file, or the folder of files
//!                              used           its time is that of the last use
//!                              verified~…     that the file was verified on this machine
//!                  downloads/<digest>/         an entry that is being made. Its `used` is locked meanwhile
//!                  loans/<process>/            links to files that are read by their path, for one process. Some are kept
//!                  usage                       how many bytes the entries have, more or less
//!                  evicting                    locked by the one who evicts
//! ```
//!
//! - An entry appears whole, and is verified before. It disappears whole. Nobody writes to it in between.
//! - Readers lock nothing. What they have open or mapped outlives the entry. For readers by path, links do.
//! - One process downloads an entry at a time. Its lock ends with it, however it ends.
//! - What goes wrong here is no failure of the store: without the cache, all is read from there.

mod entry;
mod evict;
mod folder;
mod loan;
mod new_entry;
mod usage;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::advice::ANOTHER_CACHE;
use crate::error::{Error, ErrorKind, Result};
use crate::format::PayloadRecord;
use crate::payload::{Payload, PayloadRequest};
use entry::Entry;
pub(super) use loan::Loan;
use loan::Loans;
use new_entry::NewEntry;
use usage::CacheUsage;

/// Why an entry was not made.
#[derive(Debug)]
pub(super) enum Failed {
    /// It can't be got from the store.
    Store(Error),
    /// It can't be written to the disk.
    Disk(Error),
}

/// How making an entry ended.
pub(super) type Outcome = std::result::Result<(), Failed>;

/// A cache of payloads.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    limit_bytes: u64,
    usage: CacheUsage,
    loans: Loans,
    has_warned: AtomicBool,
}

impl Cache {
    /// Opens a cache, and creates its folder. There is none where the disk can't be written to: then it says so.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Denied`](crate::ErrorKind::Denied) for a folder that others may write to.
    pub(crate) fn open(folder: &Path, limit_bytes: u64) -> Result<Option<Self>> {
        let made = folder::open_private(folder)?;
        let cache = Self {
            folder: folder.join("payloads"),
            limit_bytes,
            usage: CacheUsage::default(),
            loans: Loans::new(),
            has_warned: AtomicBool::new(false),
        };
        match made.and_then(|()| folder::create_private(&cache.folder)) {
            Ok(()) => Ok(Some(cache)),
            Err(error) => {
                cache.warn(&Error::io("create the cache", folder, error));
                Ok(None)
            }
        }
    }

    /// Whether a payload fits into the cache.
    pub(super) fn takes(&self, record: &PayloadRecord) -> bool {
        record.size_bytes <= self.limit_bytes
    }

    /// Reads a payload that is here; `None` where it is not. A damaged one is dropped.
    pub(super) fn read<B>(
        &self,
        request: &PayloadRequest,
        read: impl Fn(&mut dyn Payload, &PayloadRequest) -> Result<B>,
    ) -> Option<B> {
        let entry = self.entry(&request.record);
        let mut result = read(&mut entry.payload(), request);
        if result.is_err() {
            // Another process may have made it since: only what was there before it was read can be damaged.
            let seen = entry.identity()?;
            result = read(&mut entry.payload(), request);
            if let Err(error) = &result
                && entry.identity() == Some(seen)
            {
                self.drop_entry(&entry, error);
            }
        }
        let read = result.ok()?;
        entry.touch();
        Some(read)
    }

    fn drop_entry(&self, entry: &Entry, error: &Error) {
        if entry.is_there() {
            tracing::debug!(target: "persistable", %error, "an entry of the cache can't be used: it is fetched again");
            // What can't be removed is not used all the same.
            let _ = folder::discard(&self.folder, &entry.folder);
        }
    }

    /// Lends the path of a payload that is here, under its own file name; `None` where it is not.
    pub(super) fn lend(&self, request: &PayloadRequest) -> Option<Arc<Loan>> {
        let (entry, record) = (self.entry(&request.record), &request.record);
        let payload = entry.payload_path();
        let is_whole = |loan: &Loan| entry.payload_at(loan.path()).path(request).map(drop);
        if let Some(loan) = self.loans.kept(&payload, &record.file) {
            if is_whole(&loan).is_ok() {
                entry.touch();
                return Some(loan);
            }
            self.loans.forget(&payload);
        }
        // Where there are no links, and no room for a copy, it is read from the store.
        let loan = Arc::new(self.loans.lend(&self.folder, &payload, &record.file).ok()?);
        // What is linked is verified, so that nothing can take its place afterwards.
        match is_whole(&loan) {
            Ok(()) => {
                entry.touch();
                self.loans.keep(&payload, record.size_bytes, &loan);
                Some(loan)
            }
            Err(error) => {
                self.drop_entry(&entry, &error);
                None
            }
        }
    }

    /// Adds a payload of one file, which was verified.
    pub(super) fn put(&self, record: &PayloadRecord, bytes: &[u8]) {
        let entry = self.entry(record);
        self.add_usage(record.size_bytes);
        let put = NewEntry::alone(&self.folder, &entry.name).and_then(|new| {
            folder::create_file(&new.payload())
                .and_then(|mut file| io::Write::write_all(&mut file, bytes))
                .and_then(|()| new.finish(&entry))
        });
        if let Err(error) = put {
            self.warn(&Error::io("write to the cache", &self.folder, error));
        }
    }

    /// Makes an entry, unless another one makes it meanwhile. `download` makes and verifies what is at a path. Returns whether the
    /// entry was made; `false` where this cache can't be used.
    pub(super) fn fill(
        &self,
        record: &PayloadRecord,
        is_interrupted: &dyn Fn() -> bool,
        download: impl FnOnce(&Path) -> Outcome,
    ) -> Result<bool> {
        let entry = self.entry(record);
        let new = match NewEntry::begin(&self.folder, &entry, is_interrupted)? {
            Ok(Some(new)) => new,
            Ok(None) => return Ok(true),
            Err(error) => {
                self.warn(&Error::io("write to the cache", &self.folder, error));
                return Ok(false);
            }
        };
        self.add_usage(record.size_bytes);
        let filled = download(&new.payload()).and_then(|()| {
            entry.remember(&new.folder, record);
            new.finish(&entry).map_err(|error| Failed::Disk(Error::io("write to the cache", &self.folder, error)))
        });
        match filled {
            Ok(()) => Ok(true),
            Err(Failed::Store(error)) => Err(error),
            Err(Failed::Disk(error)) => {
                self.warn(&error);
                Ok(false)
            }
        }
    }

    fn entry(&self, record: &PayloadRecord) -> Entry {
        Entry::new(&self.folder, record)
    }

    fn add_usage(&self, bytes: u64) {
        if self.usage.add(&self.folder, bytes, self.limit_bytes) {
            evict::make_room(&self.folder, self.limit_bytes, bytes);
        }
    }

    /// Says once that the cache is of no use.
    fn warn(&self, error: &Error) {
        if self.has_warned.swap(true, Ordering::Relaxed) {
            return;
        }
        let advice = if error.kind() == ErrorKind::Full { "Make room, or choose" } else { "Choose" };
        tracing::warn!(
            target: "persistable",
            "the cache can't be written to, so payloads are read without it. {error:#}. {advice} {ANOTHER_CACHE}"
        );
    }
}
