//! Removing artifacts, and putting damaged ones aside, so that people can find out why.

use persistable_base::clock;

use super::Store;
use crate::backend::{Companion, Look, Removal};
use crate::error::{Error, ErrorKind, Result};
use crate::format::{Digest, Removed};
use crate::lease::Lease;
use crate::machine;

impl Store {
    /// Removes the leased artifact and its labels, and leaves a [record](Self::removed) of why. Returns whether there was one.
    ///
    /// A pinned artifact stays. The record comes first. So if the process dies in between, the artifact is there, and its record
    /// says that it was removed. If there is no space left for the record, the artifact is removed without one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Denied`] if it is pinned, and the errors of [`remove`](Self::remove).
    pub fn remove_because(&self, lease: &Lease, reason: &str) -> Result<bool> {
        lease.check(&*self.backend)?;
        let stem = lease.id().stem();
        if self.labels(stem)?.pinned.is_some() {
            return Err(Error::new(ErrorKind::Denied, format!("{stem} is pinned. Unpin it first")));
        }
        let found = self.backend.find(stem, Look::AtBytes);
        let bytes = found.ok().flatten().map(|found| found.bytes);
        let is_there = bytes.is_some();
        if is_there {
            let record = Removed::now(clock::now(), reason, machine::program(), bytes.as_deref());
            match self.set_companion(stem, Companion::Removal, Some(&record.to_text()?)) {
                // Removing is what makes space, and a record must not prevent it.
                Err(error) if error.kind() == ErrorKind::Full => {}
                kept => kept?,
            }
        }
        let removed = self.remove(lease)?;
        self.set_companion(stem, Companion::Labels, None)?;
        Ok(removed)
    }

    /// Removes an artifact; returns whether there was one.
    ///
    /// # Errors
    ///
    /// The errors of removing its files, and [`ErrorKind::Busy`] when the lease is not one of this store.
    pub fn remove(&self, lease: &Lease) -> Result<bool> {
        self.remove_for(lease, Removal::Unwanted)
    }

    /// Puts a damaged artifact aside, with the reason, so that it is not met again, and leaves a [record](Self::removed), if it can.
    /// Another holder may have healed it before this lease was got: look at [what was found](Lease::found) then, and only then put it
    /// aside.
    ///
    /// # Errors
    ///
    /// The errors of moving its files, and [`ErrorKind::Busy`] when the lease is not one of this store.
    pub fn quarantine(&self, lease: &Lease, reason: &str) -> Result<()> {
        let stem = lease.id().stem();
        let manifest = self.backend.find(stem, Look::AtBytes).ok().flatten().map(|found| found.bytes);
        if self.remove_for(lease, Removal::Damaged(reason))? {
            let reason = format!("it was damaged, and was put into quarantine: {reason}");
            let record = Removed::now(clock::now(), &reason, machine::program(), manifest.as_deref());
            if let Ok(text) = record.to_text() {
                let _ = self.set_companion(stem, Companion::Removal, Some(&text));
            }
        }
        Ok(())
    }

    fn remove_for(&self, lease: &Lease, removal: Removal<'_>) -> Result<bool> {
        lease.check(&*self.backend)?;
        let removed = self.backend.remove(lease.id().stem(), removal)?;
        lease.note(None);
        Ok(removed)
    }

    /// Returns the record of an artifact's last removal; `None` if there is none, or if it is lost. The artifact may have been
    /// generated again since.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn removed(&self, stem: &str) -> Result<Option<Removed>> {
        let text = self.companion(stem, Companion::Removal)?;
        Ok(text.and_then(|text| Removed::parse(&text)))
    }

    /// Returns the records of several artifacts' last removals. What can't be read is left out. Where that takes requests, they are
    /// sent at the same time.
    #[must_use]
    pub fn removed_all(&self, stems: &[&str]) -> Vec<Option<Removed>> {
        let read = self.each_of(stems, |stem| self.removed(stem).ok().flatten());
        read.into_iter().map(Option::flatten).collect()
    }

    /// Lists the stems of artifacts with a record of [removal](Self::removed).
    ///
    /// # Errors
    ///
    /// Those of listing.
    pub fn removals(&self) -> Result<Vec<String>> {
        self.companions(Companion::Removal)
    }

    /// Returns what changes whenever an artifact gets its first record of [removal](Self::removed); `None` where only
    /// [listing](Self::removals) them can show that, as on a server.
    #[must_use]
    pub fn removals_stamp(&self) -> Option<Digest> {
        self.companions_stamp(Companion::Removal)
    }
}
