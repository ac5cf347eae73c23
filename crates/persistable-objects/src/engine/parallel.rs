//! Doing a number of like things on some threads, while the calling thread asks whether to stop.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};

use persistable_base::sync::thread;

use crate::error::{Error, Result};
use crate::stop::{Stop, TICK};

/// Calls `act` with each number below `count`, at most `threads` at once. The first error ends it all.
pub(super) fn each(
    stop: Stop<'_>,
    threads: usize,
    count: usize,
    act: impl Fn(Stop<'_>, usize) -> Result<()> + Sync,
) -> Result<()> {
    if threads <= 1 || count <= 1 {
        return (0..count).try_for_each(|index| act(stop, index));
    }
    let next = AtomicUsize::new(0);
    let is_told = AtomicBool::new(false);
    let work = || loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= count || is_told.load(Ordering::Relaxed) {
            return Ok(());
        }
        if let Err(error) = act(Stop::Told(&is_told), index) {
            is_told.store(true, Ordering::Relaxed);
            return Err(error);
        }
    };
    thread::scope(|scope| {
        let (ends, ended) = mpsc::channel::<Result<()>>();
        let mut workers = 0;
        for _ in 0..threads.min(count) {
            let ends = ends.clone();
            let work = &work;
            let spawned = thread::spawn_scoped(scope, move || {
                let _ = ends.send(work());
            });
            match spawned {
                Ok(_) => workers += 1,
                // Fewer threads do it too.
                Err(_) if workers > 0 => break,
                Err(error) => return Err(Error::local("start a thread for", error)),
            }
        }
        drop(ends);
        gather(stop, &ended, &is_told)
    })
}

/// Waits for all workers, and returns their first error.
fn gather(stop: Stop<'_>, ended: &mpsc::Receiver<Result<()>>, is_told: &AtomicBool) -> Result<()> {
    let mut outcome = Ok(());
    loop {
        match ended.recv_timeout(TICK) {
            // The error of a worker that was told to stop says less than the one before.
            Ok(end) => outcome = outcome.and(end),
            Err(RecvTimeoutError::Disconnected) => return outcome,
            Err(RecvTimeoutError::Timeout) => {
                if outcome.is_ok() && stop.is_set() {
                    outcome = Err(Error::interrupted());
                    is_told.store(true, Ordering::Relaxed);
                }
            }
        }
    }
}
