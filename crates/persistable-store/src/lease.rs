//! Leases: claims to be the one that generates a key.
//!
//! Within a process a table of claims excludes other threads. Between processes a lock of the operating system does,
//! which the system drops when the process dies, however it dies.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::Wait;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::fork::Table;
use crate::lock::{Lock, Tried};
use crate::name::ArtifactId;
use crate::os;
use crate::place::Place;

/// How long a wait may last unmentioned.
const SILENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_micros(500);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
/// Where the end of a wait is notified: so often it is asked whether to wait on.
const NOTIFIED_PAUSE: Duration = Duration::from_millis(50);

/// A claim to be the one that generates an artifact. It ends when dropped, or with the process.
#[derive(Debug)]
pub struct Lease {
    id: ArtifactId,
    /// The path of the store that it was taken in.
    folder: Option<PathBuf>,
    hold: Hold,
}

impl Lease {
    pub(crate) fn new(id: ArtifactId, folder: Option<&Path>, hold: Hold) -> Self {
        Self { id, folder: folder.map(Path::to_owned), hold }
    }

    /// Returns what is leased.
    #[must_use]
    pub fn id(&self) -> &ArtifactId {
        &self.id
    }

    /// Returns the path of the folder that it was taken in.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Returns the store's place; `None` in a forked child, which has a copy of the lease but not the lease.
    pub(crate) fn place(&self) -> Option<Place> {
        self.hold.claim.is_of_this_process().then_some(self.hold.claim.key.0)
    }
}

/// What excludes others: a claim within the process, and in a folder a lock between processes.
#[derive(Debug)]
pub(crate) struct Hold {
    // Dropped before the claim: while the claim stands, no other thread of the process takes the lock.
    _lock: Option<Lock>,
    claim: Claim,
}

impl Hold {
    /// Claims `stem`, waiting as long as patience lasts.
    pub(crate) fn acquire(
        place: Place,
        stem: &str,
        lock_path: Option<PathBuf>,
        mut patience: Patience<'_>,
    ) -> Result<Self> {
        let claim = Claim::acquire(place, stem, &mut patience)?;
        let lock = lock_path.map(|path| lock(place, &path, stem, &mut patience)).transpose()?;
        Ok(Self { _lock: lock, claim })
    }
}

/// Who has a lease that is waited for.
#[derive(Clone, Debug)]
pub struct Holder(String);

impl Holder {
    fn of_process(process: Option<u32>) -> Self {
        Self(match (process, process.and_then(os::program_of)) {
            (Some(process), Some(program)) => format!("process {process} ({program})"),
            (Some(process), None) => format!("process {process}"),
            (None, _) => "a process of another machine".to_owned(),
        })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The limit of a wait, what may end it sooner, and the one notice of it.
pub(crate) struct Patience<'a> {
    begin: Instant,
    limit: Option<Duration>,
    on_wait: Option<&'a mut dyn FnMut(&Holder)>,
    is_interrupted: &'a dyn Fn() -> bool,
}

impl<'a> Patience<'a> {
    pub(crate) fn new(wait: Wait, on_wait: &'a mut dyn FnMut(&Holder), is_interrupted: &'a dyn Fn() -> bool) -> Self {
        let limit = match wait {
            Wait::Forever => None,
            Wait::AtMost(limit) => Some(limit),
        };
        Self { begin: Instant::now(), limit, on_wait: Some(on_wait), is_interrupted }
    }

    /// Returns how long to pause before the next try, at most `pause`; or an error when patience has run out.
    fn pause(&mut self, pause: Duration, holder: impl FnOnce() -> Holder) -> Result<Duration> {
        let waited = self.begin.elapsed();
        if (self.is_interrupted)() {
            let message = format!("the wait for {} was interrupted", holder());
            return Err(Error::new(ErrorKind::Interrupted, message));
        }
        if let Some(limit) = self.limit
            && waited >= limit
        {
            let still = if limit.is_zero() {
                "it is".to_owned()
            } else {
                format!("after {:.1} s it is still", waited.as_secs_f64())
            };
            return Err(Error::new(ErrorKind::Busy, format!("{still} held by {}", holder())));
        }
        if waited >= SILENCE
            && let Some(on_wait) = self.on_wait.take()
        {
            on_wait(&holder());
        }
        let until_limit = self.limit.map_or(pause, |limit| limit.saturating_sub(waited));
        let until_notice = match self.on_wait {
            Some(_) => SILENCE.saturating_sub(waited).max(FIRST_PAUSE),
            None => pause,
        };
        Ok(pause.min(until_limit).min(until_notice))
    }
}

type ClaimKey = (Place, String);
type Claims = BTreeMap<ClaimKey, (u32, ThreadId)>;

/// Claims of this process. An entry of another process id was copied by a fork, and its thread does not exist here.
static CLAIMS: Table<Claims> = Table::new(BTreeMap::new());
/// Told when a claim ends.
static CLAIM_ENDED: Condvar = Condvar::new();

#[derive(Debug)]
struct Claim {
    key: ClaimKey,
    process: u32,
}

impl Claim {
    fn acquire(place: Place, stem: &str, patience: &mut Patience<'_>) -> Result<Self> {
        let key = (place, stem.to_owned());
        let process = std::process::id();
        let thread = thread::current().id();
        let mut table = CLAIMS.lock();
        loop {
            match table.get(&key) {
                Some((holder, other)) if *holder == process => {
                    if *other == thread {
                        return Err(Error::new(
                            ErrorKind::Busy,
                            "this very thread is generating it, and a generation must not ask for its own result",
                        ));
                    }
                    let other = *other;
                    // Callbacks run without the table, which they may need themselves.
                    drop(table);
                    let pause =
                        patience.pause(NOTIFIED_PAUSE, || Holder(format!("{other:?} of this process ({process})")))?;
                    table = CLAIMS.lock();
                    if table.contains_key(&key) {
                        table = CLAIM_ENDED.wait_timeout(table, pause).unwrap_or_else(PoisonError::into_inner).0;
                    }
                }
                _ => {
                    table.insert(key.clone(), (process, thread));
                    return Ok(Self { key, process });
                }
            }
        }
    }
}

impl Claim {
    fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.is_of_this_process() {
            CLAIMS.lock().remove(&self.key);
            CLAIM_ENDED.notify_all();
        }
    }
}

/// Takes the lock of a name, waiting as long as allowed.
fn lock(place: Place, path: &Path, name: &str, patience: &mut Patience<'_>) -> Result<Lock> {
    let mut pause = FIRST_PAUSE;
    loop {
        match Lock::try_acquire(place, path, name).context("lock", path)? {
            Tried::Locked(lock) => return Ok(lock),
            Tried::HeldBy(process) => {
                thread::sleep(patience.pause(pause, || Holder::of_process(process))?);
                pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            }
        }
    }
}
