//! Nothing may block for ever: a process that takes too long over one thing is killed, which its outcome then says.

use std::collections::BTreeMap;
#[allow(clippy::disallowed_types, reason = "this program does not fork")]
use std::sync::Once;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// So long is far more than anything takes here, on a machine that is busy with other things too.
pub(crate) const LONGEST: Duration = Duration::from_secs(120);

/// So long a waiter may take to find out that a lease is free, where times are judged.
pub(crate) const SLACK: Duration = Duration::from_secs(10);

/// The processes that are at something, by id: until when, and whether they were killed.
static WATCHED: Mutex<BTreeMap<u32, Watched>> = Mutex::new(BTreeMap::new());
#[allow(clippy::disallowed_types, reason = "this program does not fork")]
static WATCHER: Once = Once::new();

struct Watched {
    deadline: Instant,
    is_killed: bool,
}

/// Watches a process, which leads a group of its own, until dropped.
pub(crate) struct Watch(u32);

impl Watch {
    pub(crate) fn over(process: u32) -> Self {
        WATCHER.call_once(|| drop(thread::spawn(watch)));
        watched().insert(process, Watched { deadline: Instant::now() + LONGEST, is_killed: false });
        Self(process)
    }

    /// Says that it took too long, where it did.
    pub(crate) fn complaint(&self) -> Option<String> {
        let is_killed = watched().get(&self.0).is_some_and(|watched| watched.is_killed);
        is_killed.then(|| format!("it was stuck: it was killed after {} s", LONGEST.as_secs()))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        watched().remove(&self.0);
    }
}

fn watched() -> MutexGuard<'static, BTreeMap<u32, Watched>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch() {
    loop {
        thread::sleep(Duration::from_millis(500));
        for (process, watched) in watched().iter_mut().filter(|(_, watched)| watched.deadline < Instant::now()) {
            watched.is_killed = true;
            if let Some(group) = i32::try_from(*process).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
        }
    }
}
