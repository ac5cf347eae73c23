//! What a kind of store has to do.
//!
//! A kind of store implements [`Backend`], and [`Store::over`](crate::Store::over) makes a store of it. What all kinds need is
//! above this trait, and not to be done below it: sealing and signing manifests, digesting payloads, comparing them with their
//! manifests, trust, waiting for leases, excluding the threads of a process from each other.
//!
//! # What holds for all verbs
//!
//! - An artifact is named by its *stem*, `name(32 hex digits)`. It exists when its manifest does.
//! - A manifest is a text of a few thousand bytes. Readers see all of it or none, at any time, without a lease.
//! - A payload is one file, or a folder of files, under the name in its manifest. Once the manifest can be seen, the payload
//!   does not change. Another payload gets another name, or it takes the place of this one in one step, under a manifest that
//!   names both.
//! - What is missing is `None` or `false`, and never an error. A failure is never taken for a miss.
//! - Damage is [`ErrorKind::Damaged`], and nothing else is.
//! - Several threads may call any verb at once. But only the holder of a lease publishes, amends and removes.
//! - A forked child may use its parent's value, and has none of its leases.

use std::fmt;
use std::time::Duration;

use persistable_base::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::parallel;

pub use crate::files::Files;
pub use crate::format::Content;
pub use crate::format::name::owns_payload_file;
pub use crate::found::{Found, Look};
pub use crate::group_sync::GroupSync;
pub use crate::location::{Identity, Location};
pub use crate::patience::Holder;
pub use crate::payload::{InMemory, Payload, PayloadRequest};
pub use crate::publication::{Committed, Publication};
pub use crate::staging::{Buffered, Stage};
pub use crate::survey::{Companion, Surveyed, Watch};
pub use crate::trust::{Author, Care, Guard};

use crate::format::{ArtifactId, Digest, Manifest};
use crate::settings::Durability;

/// A kind of store.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Returns which store this is: the same for all ways to reach it, and another where another store is at its location by
    /// now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`] when it can't be reached.
    fn identity(&self) -> Result<Identity>;

    /// Returns where the store is, for people.
    fn location(&self) -> &Location;

    /// Returns the manifest of an artifact; `None` where there is none. What was published before the call is found.
    ///
    /// # Errors
    ///
    /// Those of reading, and damage where something that can't be a manifest is in its place.
    fn find(&self, stem: &str, look: Look) -> Result<Option<Found>>;

    /// [Finds](Self::find) several artifacts. Where that takes requests, they are sent at the same time.
    fn find_all(&self, stems: &[String], look: Look) -> Vec<Result<Option<Found>>> {
        let interrupted = || Error::interrupted().at(self.location());
        let found = parallel::map(stems, self.looks_at_once(), &|| self.is_interrupted(), |stem| self.find(stem, look));
        // After an interrupt, what was not asked for is not known.
        found.into_iter().map(|found| found.unwrap_or_else(|| Err(interrupted()))).collect()
    }

    /// Returns how many artifacts are looked for at the same time, where several are.
    fn looks_at_once(&self) -> usize {
        1
    }

    /// Returns whether the caller wants a long call to end.
    fn is_interrupted(&self) -> bool {
        false
    }

    /// Returns the manifest of an artifact again, which was found with this [tag](Found::tag); `None` where there is none. Only
    /// layers may [find](Self::find) another one.
    ///
    /// # Errors
    ///
    /// As [`find`](Self::find).
    fn find_again(&self, stem: &str, _tag: Option<&str>) -> Result<Option<Found>> {
        self.find(stem, Look::AtBytes)
    }

    /// Returns the manifest that the holder of the lease replaces or amends; `None` where there is none. Only layers may
    /// [find](Self::find) another one.
    ///
    /// # Errors
    ///
    /// As [`find`](Self::find).
    fn find_leased(&self, stem: &str, look: Look) -> Result<Option<Found>> {
        self.find(stem, look)
    }

    /// Says that what was taken for damage of what was found is content that was not fetched, where that is so.
    fn or_not_fetched(&self, error: Error) -> Error {
        error
    }

    /// Returns a payload, to be read. It may read it now or later, and say only then that it is missing, which is damage.
    ///
    /// # Errors
    ///
    /// Those of reading.
    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>>;

    /// Tries to be the one who generates an artifact, without waiting. No thread of this process has that lease. `identity` is
    /// what this store's was a moment ago.
    ///
    /// At any time at most one process has it. It ends when the [`Hold`] is dropped, and when the process dies.
    ///
    /// # Errors
    ///
    /// Those of asking, and [`ErrorKind::Denied`] where nothing may be written.
    fn try_lease(&self, identity: Identity, stem: &str) -> Result<Attempt>;

    /// Tries to get the lease as [`try_lease`](Self::try_lease) does, for one who waited and is content with another's result. Where
    /// taking a lease costs requests, it looks for a result first. `has_waited` says that another thread of this process had the
    /// lease.
    ///
    /// # Errors
    ///
    /// Those of [`try_lease`](Self::try_lease).
    fn try_lease_or_result(&self, identity: Identity, stem: &str, _has_waited: bool) -> Result<Attempt> {
        self.try_lease(identity, stem)
    }

    /// Begins to write a payload, which will have this file name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Denied`] where nothing may be written.
    fn stage(&self, stem: &str, file: &str, durability: Durability) -> Result<Box<dyn Stage>>;

    /// Returns whether [`Stage::publish`] can take over an artifact of another store byte for byte: the manifest as it is, and the
    /// payload under the file name that this manifest has. Where it can't, a copy is sealed anew.
    fn takes_over(&self) -> bool {
        false
    }

    /// Returns whether the store knows which artifacts this account wrote. If not, one that may run code is trusted only if it is
    /// signed.
    fn knows_own(&self) -> bool {
        true
    }

    /// Returns the params of an artifact for people, where the store has them. No artifact needs them.
    fn params(&self, _stem: &str) -> Option<String> {
        None
    }

    /// Replaces the manifest of an artifact, which was `old` a moment ago, and returns the new one. The payload stays. Where the
    /// store can tell that another manifest is there by now, it changes nothing, and returns `None`.
    ///
    /// # Errors
    ///
    /// Those of writing. After one, either manifest is there.
    fn amend(&self, stem: &str, old: &Found, sealed: &[u8], durability: Durability) -> Result<Option<Found>>;

    /// Removes an artifact, the manifest first, whatever is left of it; returns whether there was a manifest.
    ///
    /// # Errors
    ///
    /// Those of removing.
    fn remove(&self, stem: &str, removal: Removal<'_>) -> Result<bool>;

    /// Lists stems of manifests in the order of their bytes, those after `after`: as many as suit the store, and none only when
    /// there are no more. What is published or removed meanwhile may be among them.
    ///
    /// # Errors
    ///
    /// Those of listing.
    fn list(&self, after: Option<&str>) -> Result<Vec<String>>;

    /// Keeps a record, by its digest. Where nothing can be written, it does nothing.
    ///
    /// # Errors
    ///
    /// Those of writing. Most callers pass over them: no artifact needs a record.
    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()>;

    /// Returns what was kept, which may be damaged, or be somebody else's; `None` where it is lost.
    ///
    /// # Errors
    ///
    /// Those of reading: what can't be read is not lost.
    fn kept(&self, digest: Digest) -> Result<Option<Vec<u8>>>;

    /// Returns what was kept, if `is_it` says that it is that. Only layers may have several records of one digest.
    ///
    /// # Errors
    ///
    /// As [`kept`](Self::kept).
    fn kept_if(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        Ok(self.kept(digest)?.filter(|record| is_it(record)))
    }

    /// Returns what makes durable together what is written from now on with [`Durability::Fast`]; `None` where this kind of store
    /// can't do that, or need not.
    ///
    /// # Errors
    ///
    /// Those of looking at the store.
    fn group_sync(&self) -> Result<Option<Box<dyn GroupSync>>> {
        Ok(None)
    }

    /// Makes these artifacts durable, if a [`group_sync`](Self::group_sync) of another process or thread is not
    /// [finished](GroupSync::finish): it may have written them.
    ///
    /// # Errors
    ///
    /// Those of writing to the disk.
    fn sync_what_is_left(&self, _seen: &[&ArtifactId]) -> Result<()> {
        Ok(())
    }

    /// Returns whether no other process can see what is written here.
    fn is_of_this_process(&self) -> bool {
        false
    }

    /// Tells of every manifest, and of every text beside an artifact, in any order. What is published or removed meanwhile may be
    /// among them.
    ///
    /// # Errors
    ///
    /// Those of listing.
    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        let mut last: Option<String> = None;
        loop {
            let batch = self.list(last.as_deref())?;
            for stem in &batch {
                tell(Surveyed::manifest(stem.clone(), None));
            }
            match batch.into_iter().last() {
                Some(stem) => last = Some(stem),
                None => return Ok(()),
            }
        }
    }

    /// Begins to watch what changes in the store; `None` where nothing tells all of it. A [survey](Self::survey) after that tells of
    /// what was there before.
    fn watch(&self) -> Option<Box<dyn Watch>> {
        None
    }

    /// Returns stems of manifests of a payload name that are at hand without a request, in any order. It looks at `most_entries` of
    /// what is in the store. `None` where looking takes requests.
    fn sample(&self, _payload_name: &str, _most_entries: usize) -> Option<Vec<String>> {
        None
    }

    /// Returns what stays the same as long as a [survey](Self::survey) would tell of the same names; `None` where only a survey can
    /// show that. A file that is written to in its place keeps its name.
    fn stamp(&self) -> Option<Digest> {
        None
    }

    /// Returns what a [survey](Self::survey) would tell of a manifest or a text at this moment; `None` if there is none.
    fn look_again(&self, stem: &str, companion: Option<Companion>) -> Option<Surveyed> {
        Some(Surveyed { stem: stem.to_owned(), companion, stamp: None })
    }

    /// Returns a text beside an artifact, whether the artifact is there or not; `None` where there is no such text.
    ///
    /// # Errors
    ///
    /// Those of reading.
    fn companion(&self, _stem: &str, _companion: Companion) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// Replaces a text beside an artifact, or removes it. Readers see all of the one before or all of the new one.
    ///
    /// # Errors
    ///
    /// Those of writing.
    fn set_companion(&self, _stem: &str, companion: Companion, _text: Option<&[u8]>) -> Result<()> {
        let message = format!("this kind of store can't keep {companion} yet");
        Err(Error::new(ErrorKind::Denied, message).at(self.location()))
    }

    /// Lists the stems that have such a text, in any order.
    ///
    /// # Errors
    ///
    /// Those of listing.
    fn companions(&self, _companion: Companion) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// Returns what changes whenever such a text is added or removed; `None` where only listing them can show that.
    fn companions_stamp(&self, _companion: Companion) -> Option<Digest> {
        None
    }

    /// Returns a manifest by a quick look, which may be that of a moment ago.
    fn glance(&self, id: &ArtifactId) -> Option<Arc<Manifest>> {
        let found = self.find(id.stem(), Look::AtBytes).ok()??;
        let manifest = Manifest::parse(&found.bytes).ok()?;
        manifest.check_belongs_to(id).ok()?;
        Some(Arc::new(manifest))
    }

    /// Glances at several artifacts. Where that takes requests, they are sent at the same time.
    fn glance_all(&self, ids: &[&ArtifactId]) -> Vec<Option<Arc<Manifest>>> {
        let glanced = parallel::map(ids, self.looks_at_once(), &|| self.is_interrupted(), |id| self.glance(id));
        // After an interrupt, there is nothing of what was not asked for.
        glanced.into_iter().map(Option::flatten).collect()
    }
}

/// How trying to get a lease ended.
#[derive(Debug)]
pub enum Attempt {
    /// This process has it now.
    Leased(Box<dyn Hold>),
    /// Another has it.
    Taken {
        /// Who it is, as far as the store tells.
        by: Holder,
        /// How long to wait at least before asking again: nothing where asking costs little.
        shortest_pause: Duration,
        /// How long to wait at most.
        longest_pause: Duration,
    },
    /// Another had it, and an artifact is there now. Only [`Backend::try_lease_or_result`] says so.
    Generated,
}

/// What excludes other processes, until it is dropped.
pub trait Hold: fmt::Debug + Send + Sync {
    /// Whether somebody else may have the lease by now.
    ///
    /// # Errors
    ///
    /// Those of asking.
    fn is_lost(&self) -> Result<bool>;

    /// Whether the lease may have ended by time: it was not renewed for as long as it lasts, as when the process was stopped.
    fn may_have_ended(&self) -> bool {
        false
    }

    /// Is told which manifest is there now, by what was done under the lease. It may have been done by way of another value of this
    /// store.
    fn note(&self, _found: Option<&Found>) {}
}

/// A hold where no other process can use the store.
#[derive(Debug)]
pub struct OfThisProcess;

impl Hold for OfThisProcess {
    fn is_lost(&self) -> Result<bool> {
        Ok(false)
    }
}

/// Why an artifact is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal<'a> {
    /// Nobody wants it.
    Unwanted,
    /// It is damaged, for this reason. Its files are kept for people, where the store can.
    Damaged(&'a str),
}
