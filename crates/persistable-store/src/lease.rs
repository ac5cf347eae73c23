//! Leases: claims to be the one that generates a key.
//!
//! Within a process a table of claims excludes other threads. Between processes a lock of the operating system does, on a
//! file that lives as long as the lease. The system drops the lock of a process that dies, however it dies.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Context, Error, ErrorKind, Result};
use crate::name::ArtifactId;
use crate::os;
use crate::settings::Wait;

/// How long a wait may last unmentioned.
const SILENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_micros(500);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Which store, in this process: a folder's device and inode, or a number given to a memory store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Folder { device: u64, inode: u64 },
    Memory(u64),
}

/// A claim to be the one that generates an artifact. It ends when dropped, or with the process.
#[derive(Debug)]
pub struct Lease {
    id: ArtifactId,
    hold: Hold,
}

impl Lease {
    pub(crate) fn new(id: ArtifactId, hold: Hold) -> Self {
        Self { id, hold }
    }

    /// Returns what is leased.
    #[must_use]
    pub fn id(&self) -> &ArtifactId {
        &self.id
    }

    /// Returns the store's place; `None` in a forked child, which has a copy of the lease but not the lease.
    pub(crate) fn place(&self) -> Option<Place> {
        self.hold.claim.is_of_this_process().then_some(self.hold.claim.key.0)
    }
}

/// What excludes others: a claim within the process, and in a folder a lock between processes.
#[derive(Debug)]
pub(crate) struct Hold {
    // Dropped before the claim: while the claim stands, no other thread opens the lock file. Closing any descriptor of
    // a file drops the process's lock on it.
    lock: Option<LockFile>,
    claim: Claim,
}

impl Hold {
    /// Claims `stem`, waiting as long as allowed; calls `on_wait` once after a second of waiting.
    pub(crate) fn acquire(
        place: Place,
        stem: &str,
        lock_path: Option<PathBuf>,
        wait: Wait,
        on_wait: &mut dyn FnMut(&Holder),
    ) -> Result<Self> {
        let mut patience = Patience::new(wait, on_wait);
        let claim = Claim::acquire(place, stem, &mut patience)?;
        let lock = lock_path.map(|path| LockFile::acquire(path, &mut patience)).transpose()?;
        Ok(Self { lock, claim })
    }

    /// Whether the last holder did not let go of it, but died.
    pub(crate) fn succeeds_dead_holder(&self) -> bool {
        self.lock.as_ref().is_some_and(|lock| lock.was_signed)
    }
}

/// Who has a lease that is waited for.
#[derive(Clone, Debug)]
pub struct Holder(String);

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The limit of a wait, and the one notice of it.
struct Patience<'a> {
    begin: Instant,
    limit: Option<Duration>,
    on_wait: Option<&'a mut dyn FnMut(&Holder)>,
}

impl<'a> Patience<'a> {
    fn new(wait: Wait, on_wait: &'a mut dyn FnMut(&Holder)) -> Self {
        let limit = match wait {
            Wait::Forever => None,
            Wait::AtMost(limit) => Some(limit),
        };
        Self { begin: Instant::now(), limit, on_wait: Some(on_wait) }
    }

    /// Returns how long to pause before the next try, at most `pause`; or an error when patience has run out.
    fn pause(&mut self, pause: Duration, holder: impl FnOnce() -> Holder) -> Result<Duration> {
        let waited = self.begin.elapsed();
        if let Some(limit) = self.limit
            && waited >= limit
        {
            return Err(Error::new(
                ErrorKind::Busy,
                format!("waited {:.1} s for {}, and may not wait longer", waited.as_secs_f64(), holder()),
            ));
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
type Claims = HashMap<ClaimKey, (u32, ThreadId)>;

/// Claims of this process. An entry of another process id was copied by a fork, and its thread does not exist here.
static CLAIMS: LazyLock<(Mutex<Claims>, Condvar)> = LazyLock::new(Default::default);

fn claims() -> MutexGuard<'static, Claims> {
    CLAIMS.0.lock().unwrap_or_else(PoisonError::into_inner)
}

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
        let mut table = claims();
        loop {
            match table.get(&key) {
                Some((holder, other)) if *holder == process => {
                    if *other == thread {
                        return Err(Error::new(
                            ErrorKind::Busy,
                            format!(
                                "{stem} is being generated by this very thread: its generation must not ask for it"
                            ),
                        ));
                    }
                    let other = *other;
                    // Callbacks run without the table, which they may need themselves.
                    drop(table);
                    let pause = patience.pause(Duration::from_millis(100), || {
                        Holder(format!("{other:?} of this process ({process})"))
                    })?;
                    table = claims();
                    if table.contains_key(&key) {
                        table = CLAIMS.1.wait_timeout(table, pause).unwrap_or_else(PoisonError::into_inner).0;
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
            claims().remove(&self.key);
            CLAIMS.1.notify_all();
        }
    }
}

/// A lock file, locked.
#[derive(Debug)]
struct LockFile {
    path: PathBuf,
    process: u32,
    file: File,
    /// Whether an earlier holder's name was in the file: it would have removed the file, had it lived.
    was_signed: bool,
}

impl LockFile {
    fn acquire(path: PathBuf, patience: &mut Patience<'_>) -> Result<Self> {
        let mut pause = FIRST_PAUSE;
        loop {
            let file = open_lock_file(&path).context("open the lock file", &path)?;
            if os::try_lock(&file).context("lock", &path)? {
                // Its last holder may have removed the file between opening and locking: then it locks nothing.
                let metadata = file.metadata().context("look at", &path)?;
                if is_at(&metadata, &path).context("look at", &path)? {
                    let lock = Self { path, process: std::process::id(), file, was_signed: metadata.len() > 0 };
                    lock.sign();
                    return Ok(lock);
                }
                continue;
            }
            thread::sleep(patience.pause(pause, || read_holder(&file))?);
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Writes down who holds the lock. Only people read it, so a failure is no matter.
    fn sign(&self) {
        let program =
            std::env::current_exe().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let text = format!(
            "process {} on {} ({}), since {}\n",
            self.process,
            os::host(),
            program.as_deref().unwrap_or("unknown program"),
            humantime::format_rfc3339_seconds(SystemTime::now())
        );
        let _ = self.file.set_len(0).and_then(|()| (&self.file).write_all(text.as_bytes()));
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but not the lock.
        if self.process == std::process::id() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn open_lock_file(path: &Path) -> io::Result<File> {
    let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            open()
        }
        opened => opened,
    }
}

/// Whether the open file is still the one at `path`.
fn is_at(file: &Metadata, path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(there) => Ok(os::same_file(file, &there)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn read_holder(file: &File) -> Holder {
    let mut text = String::new();
    match file.take(500).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => Holder(text.trim().to_owned()),
        _ => Holder("another process".to_owned()),
    }
}
