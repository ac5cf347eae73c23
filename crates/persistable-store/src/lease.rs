//! Leases: the right to be the one that generates a key.
//!
//! Within a process a table of locks excludes other threads. Between processes the store does, such as by a lock of the
//! operating system, which the system drops when the process dies, however it dies.

use std::sync::Arc;
use std::time::Duration;

use persistable_base::fork::Shared;
use persistable_base::sync::thread;

use crate::advice::LOST_LEASE;
use crate::artifact::Artifact;
use crate::backend::{Backend, Found, Hold, LeaseAnswer, Look, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::format::ArtifactId;
use crate::keys::Keys;
use crate::location::Identity;
use crate::patience::{FIRST_PAUSE, Holder, Patience, pause_for};
use crate::publication::lost;
use crate::thread_locks::{ThreadLock, ThreadLocks};
use crate::trust::Trust;

/// A thread that waits asks so often whether to wait no longer.
const LONGEST_SLEEP: Duration = Duration::from_millis(50);

/// The right to generate an artifact. It ends when it is dropped, or with the process.
#[derive(Debug)]
pub struct Lease {
    id: ArtifactId,
    backend: Arc<dyn Backend>,
    seen: Shared<Seen>,
    is_store_trusted: bool,
    // Dropped before the thread lock: while the thread lock is held, no other thread of the process takes the lock.
    hold: Box<dyn Hold>,
    thread_lock: ThreadLock,
}

/// What was seen under the lease.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// A manifest, or that there is none.
    Manifest(Option<Found>),
    /// Looking for it failed.
    Failure,
}

/// Excludes others from an artifact, waiting as long as patience lasts. The store's hold ends before the thread lock.
pub(crate) fn hold(
    backend: &Arc<dyn Backend>,
    thread_locks: &'static ThreadLocks,
    stem: &str,
    patience: &mut Patience<'_>,
) -> Result<(Box<dyn Hold>, ThreadLock)> {
    hold_or_result(backend, thread_locks, stem, patience, |_| Wanted::Lease)?.ok_or_else(was_not_asked)
}

/// Does the same; `None` if there is a result now, and that is wanted as well. `wanted` is told whether another thread of this
/// process had the lease.
fn hold_or_result(
    backend: &Arc<dyn Backend>,
    thread_locks: &'static ThreadLocks,
    stem: &str,
    patience: &mut Patience<'_>,
    wanted: impl Fn(bool) -> Wanted,
) -> Result<Option<(Box<dyn Hold>, ThreadLock)>> {
    let mut identity = backend.identity()?;
    let (thread_lock, has_waited) = thread_locks.acquire(identity, stem, patience)?;
    let mut pause = FIRST_PAUSE;
    loop {
        match backend.try_lease(identity, stem, wanted(has_waited))? {
            LeaseAnswer::Leased(hold) => return Ok(Some((hold, thread_lock))),
            LeaseAnswer::Generated => return Ok(None),
            LeaseAnswer::Taken { by, pause: allowed } => {
                pause = pause.max(*allowed.start());
                wait_for(patience, pause, &by)?;
                pause = (pause * 3 / 2).min(*allowed.end());
                identity = backend.identity()?; // The wait may have been long.
            }
        }
    }
}

fn was_not_asked() -> Error {
    Error::new(ErrorKind::Busy, "the store found a result, and was not asked for one")
}

impl Lease {
    /// Takes the right to an artifact, waiting as long as patience lasts.
    pub(crate) fn acquire(
        backend: &Arc<dyn Backend>,
        thread_locks: &'static ThreadLocks,
        id: &ArtifactId,
        patience: Patience<'_>,
    ) -> Result<Self> {
        Self::acquire_for(backend, thread_locks, id, patience, |_| Wanted::Lease)?.ok_or_else(was_not_asked)
    }

    /// Takes the right to an artifact as [`acquire`](Self::acquire) does. `None` where another had the lease, and an artifact is there now.
    pub(crate) fn acquire_or_result(
        backend: &Arc<dyn Backend>,
        thread_locks: &'static ThreadLocks,
        id: &ArtifactId,
        patience: Patience<'_>,
    ) -> Result<Option<Self>> {
        let wanted = |has_waited| Wanted::LeaseOrResult { has_waited };
        Self::acquire_for(backend, thread_locks, id, patience, wanted)
    }

    fn acquire_for(
        backend: &Arc<dyn Backend>,
        thread_locks: &'static ThreadLocks,
        id: &ArtifactId,
        mut patience: Patience<'_>,
        wanted: impl Fn(bool) -> Wanted,
    ) -> Result<Option<Self>> {
        let held = hold_or_result(backend, thread_locks, id.stem(), &mut patience, wanted)?;
        let Some((hold, thread_lock)) = held else { return Ok(None) };
        let seen = match backend.find(id.stem(), Look::UnderLease) {
            Ok(found) => Seen::Manifest(found),
            Err(_) => Seen::Failure,
        };
        let backend = Arc::clone(backend);
        Ok(Some(Self { id: id.clone(), backend, seen: Shared::new(seen), is_store_trusted: false, hold, thread_lock }))
    }

    /// Says that the store was opened as trusted.
    pub(crate) fn of_trusted_store(self) -> Self {
        Self { is_store_trusted: true, ..self }
    }

    /// Returns what is leased.
    #[must_use]
    pub fn id(&self) -> &ArtifactId {
        &self.id
    }

    /// Returns the artifact that is there, without looking for it again: it is what was found when the lease was taken, or what
    /// was done under the lease since.
    ///
    /// # Errors
    ///
    /// Those of [`Store::find`](crate::Store::find).
    pub fn found(&self) -> Result<Option<Artifact>> {
        self.found_trusted(Trust::Anyone, &Keys::none())
    }

    /// Returns [what is there](Self::found) as [`Store::find_trusted`](crate::Store::find_trusted) does.
    ///
    /// # Errors
    ///
    /// Those of [`Store::find_trusted`](crate::Store::find_trusted).
    pub fn found_trusted(&self, trust: Trust, keys: &Keys) -> Result<Option<Artifact>> {
        let trust = if self.is_store_trusted { Trust::Anyone } else { trust };
        match self.seen() {
            Seen::Manifest(None) => Ok(None),
            Seen::Manifest(Some(found)) => Artifact::new(&self.id, &self.backend, &found, trust, keys).map(Some),
            Seen::Failure => Artifact::find(&self.id, &self.backend, trust, keys),
        }
    }

    /// Returns whether another may have the lease by now: since the lock or the whole data folder was removed, or since this
    /// process was forked from the one that took it. Nothing can be published under a lease that is lost.
    ///
    /// # Errors
    ///
    /// Those of asking the store.
    pub fn is_lost(&self) -> Result<bool> {
        if !self.thread_lock.is_of_this_process() || self.backend.identity()? != self.thread_lock.identity() {
            return Ok(true);
        }
        self.hold.is_lost()
    }

    /// Returns whether somebody else has persisted a result since nothing was found under this lease. A process that was stopped for
    /// long may have lost its lease to another, which is done by now. The store is asked only then.
    ///
    /// # Errors
    ///
    /// Those of asking the store.
    pub fn is_overtaken(&self) -> Result<bool> {
        if !self.hold.may_have_ended() {
            return Ok(false);
        }
        match self.seen() {
            Seen::Manifest(None) => Ok(self.backend.find(self.id.stem(), Look::UnderLease)?.is_some()),
            Seen::Manifest(Some(_)) | Seen::Failure => Ok(false),
        }
    }

    /// Returns whether the lease ends if this process is stopped for long. The lock of a folder does not.
    #[must_use]
    pub fn ends_by_time(&self) -> bool {
        !self.backend.facts().is_of_this_process && self.backend.location().path().is_none()
    }

    /// Fails where this is no lease of that store any more, or never was.
    pub(crate) fn check(&self, backend: &dyn Backend) -> Result<Identity> {
        let identity = backend.identity()?;
        self.check_process()?;
        if self.thread_lock.identity() == identity {
            return if self.hold.is_lost()? { Err(lost(self.id.stem()).at(backend.location())) } else { Ok(identity) };
        }
        if self.backend.location() == backend.location() {
            let message = "another folder has taken the place of the one in which the lease was taken";
            return Err(Error::new(ErrorKind::LeaseLost, message).advise(LOST_LEASE).at(backend.location()));
        }
        Err(Error::new(ErrorKind::Busy, format!("the lease of {} is one of another store", self.id)))
    }

    /// Fails where this is no lease of that store, or is known to be lost without looking far: what is done next does no harm, and
    /// [`check`](Self::check) follows before anything that others see.
    pub(crate) fn check_quickly(&self, backend: &Arc<dyn Backend>) -> Result<Identity> {
        if !Arc::ptr_eq(&self.backend, backend) {
            return self.check(&**backend);
        }
        self.check_process()?;
        if self.hold.is_lost()? {
            Err(lost(self.id.stem()).at(backend.location()))
        } else {
            Ok(self.thread_lock.identity())
        }
    }

    fn check_process(&self) -> Result<()> {
        if self.thread_lock.is_of_this_process() {
            return Ok(());
        }
        let message = format!("the lease of {} belongs to the process that forked this one", self.id);
        Err(Error::new(ErrorKind::LeaseLost, message))
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.with(|seen| seen.clone())
    }

    pub(crate) fn note(&self, found: Option<Found>) {
        self.hold.note(found.as_ref());
        self.seen.with(|seen| *seen = Seen::Manifest(found));
    }
}

/// Waits before the next try, and asks often meanwhile whether to wait no longer.
fn wait_for(patience: &mut Patience<'_>, pause: Duration, by: &Holder) -> Result<()> {
    let mut left = pause;
    loop {
        let slice = pause_for(patience, left.min(LONGEST_SLEEP), by)?;
        thread::sleep(slice);
        left = left.saturating_sub(slice);
        if left.is_zero() {
            return Ok(());
        }
    }
}
