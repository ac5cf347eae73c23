//! An entry that is being made: one process downloads it, and the others wait.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use persistable_base::sync::{process, thread};

use super::entry::{Entry, payload_in};
use super::folder::{Lock, create_new_in, create_private, create_unique_in, lock_in, names_in};
use crate::error::{Error, ErrorKind, Result};

/// How long others wait for a download that does not go on.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// A folder that becomes the entry. What is not finished is removed.
#[derive(Debug)]
pub(super) struct NewEntry {
    pub(super) folder: PathBuf,
    process: u32,
    is_finished: bool,
    /// Locked as long as this lives.
    used: Option<File>,
}

impl NewEntry {
    /// Begins to make an entry, and waits for others that make it; `None` if another made it. The inner error tells that nothing can
    /// be written here.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Interrupted`].
    pub(super) fn begin(
        cache: &Path,
        entry: &Entry,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<io::Result<Option<Self>>> {
        let folder = downloads(cache).join(&entry.name);
        let (mut pause, mut progress) = (FIRST_PAUSE, Progress::new());
        loop {
            if entry.is_there() {
                return Ok(Ok(None));
            }
            match Self::try_to_begin(cache, &entry.name, &folder) {
                // Another one may have made it since the look above.
                Ok(Tried::Begun(_)) if entry.is_there() => return Ok(Ok(None)),
                Ok(Tried::Begun(new)) => return Ok(Ok(Some(new))),
                Ok(Tried::Moved) => continue,
                Ok(Tried::Busy) if !progress.has_stopped(&folder) => {}
                // Nobody knows when that one goes on. To download it twice does no harm.
                Ok(Tried::Busy | Tried::Unlockable) => return Ok(Self::alone(cache, &entry.name).map(Some)),
                Err(error) => return Ok(Err(error)),
            }
            if is_interrupted() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted by the caller"));
            }
            thread::sleep(pause);
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    fn try_to_begin(cache: &Path, name: &str, folder: &Path) -> io::Result<Tried> {
        match create_new_in(&downloads(cache), name) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        Ok(match lock_in(folder, "used")? {
            Lock::Taken(used) => {
                let new =
                    Self { folder: folder.to_owned(), process: process::id(), is_finished: false, used: Some(used) };
                new.clear()?;
                Tried::Begun(new)
            }
            Lock::Busy => Tried::Busy,
            Lock::Moved => Tried::Moved,
            Lock::Impossible => Tried::Unlockable,
        })
    }

    /// Makes a folder that no other one uses.
    pub(super) fn alone(cache: &Path, name: &str) -> io::Result<Self> {
        let (folder, used) = create_unique_in(&downloads(cache), name, "used")?;
        Ok(Self { folder, process: process::id(), is_finished: false, used })
    }

    /// Returns where to write the payload.
    pub(super) fn payload(&self) -> PathBuf {
        payload_in(&self.folder)
    }

    /// Removes what a process left here that died.
    fn clear(&self) -> io::Result<()> {
        for name in names_in(&self.folder).into_iter().filter(|name| name != "used") {
            let path = self.folder.join(name);
            if fs::symlink_metadata(&path)?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }?;
        }
        Ok(())
    }

    /// Makes it the entry, unless another one was faster.
    pub(super) fn finish(mut self, entry: &Entry) -> io::Result<()> {
        let renamed = match fs::rename(&self.folder, &entry.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_private(entry.folder.parent().unwrap_or(&entry.folder))?;
                fs::rename(&self.folder, &entry.folder)
            }
            renamed => renamed,
        };
        match renamed {
            Err(_) if entry.is_there() => Ok(()),
            Err(error) => Err(error),
            Ok(()) => {
                self.is_finished = true;
                Ok(())
            }
        }
    }
}

impl Drop for NewEntry {
    fn drop(&mut self) {
        if self.process != process::id() {
            return;
        }
        // Once it is the entry, another one may have a folder of this name.
        if !self.is_finished {
            let _ = fs::remove_dir_all(&self.folder);
        }
        // A child that was forked meanwhile has the file open as well, and would keep the lock.
        if let Some(used) = &self.used {
            let _ = used.unlock();
        }
    }
}

/// How one try ended.
enum Tried {
    Begun(NewEntry),
    /// It was finished or removed meanwhile.
    Moved,
    /// Another one has it.
    Busy,
    /// The file system has no locks.
    Unlockable,
}

/// Whether another one's download goes on, by this machine's own clock.
struct Progress {
    newest: Option<SystemTime>,
    since: Instant,
    next_look: Instant,
}

impl Progress {
    fn new() -> Self {
        let now = Instant::now();
        Self { newest: None, since: now, next_look: now }
    }

    fn has_stopped(&mut self, folder: &Path) -> bool {
        let now = Instant::now();
        if now < self.next_look {
            return false;
        }
        self.next_look = now + PATIENCE / 30;
        let newest = newest_change(folder);
        if newest != self.newest {
            (self.newest, self.since) = (newest, now);
        }
        now - self.since >= PATIENCE
    }
}

/// Returns when anything in a folder was written to last.
fn newest_change(path: &Path) -> Option<SystemTime> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let below = if metadata.is_dir() { names_in(path) } else { Vec::new() };
    let below = below.iter().filter_map(|name| newest_change(&path.join(name))).max();
    metadata.modified().ok().max(below)
}

/// Returns where entries are made.
pub(super) fn downloads(cache: &Path) -> PathBuf {
    cache.join("downloads")
}
