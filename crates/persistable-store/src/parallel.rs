//! Doing many things at once, with the caller's thread asking whether to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use persistable_base::sync::{Mutex, PoisonError, thread};
use persistable_objects::until_told;

/// So often the caller's function is asked.
const TICK: Duration = Duration::from_millis(50);

/// Does something for each number below `count`, on up to so many threads. Returns the first failure, or `interrupted()`. What has
/// begun then is waited for.
pub(crate) fn each<E: Send>(
    count: usize,
    threads: usize,
    is_interrupted: &dyn Fn() -> bool,
    interrupted: impl FnOnce() -> E,
    act: impl Fn(usize) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let (next, is_over) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count || is_over.load(Ordering::Relaxed) {
                return Ok(());
            }
            act(index)?;
        }
    };
    if count <= 1 {
        return work(); // The caller's thread can do that as well, and asks its function.
    }
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        let mut running = 0;
        for _ in 0..threads.min(count) {
            let sender = sender.clone();
            let started = thread::spawn_scoped(scope, || {
                let sender = sender;
                // Only the caller's thread asks its function.
                let _ = sender.send(until_told(&is_over, work));
            });
            running += usize::from(started.is_ok());
        }
        if running == 0 {
            return work(); // The system has no thread left.
        }
        let mut failure = None;
        while running > 0 {
            let ended = match receiver.recv_timeout(TICK) {
                Ok(ended) => {
                    running -= 1;
                    ended.err()
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => None,
            };
            failure = failure.or(ended);
            if failure.is_some() || is_interrupted() {
                is_over.store(true, Ordering::Relaxed);
            }
        }
        match failure {
            Some(failure) => Err(failure),
            None if is_over.load(Ordering::Relaxed) => Err(interrupted()),
            None => Ok(()),
        }
    })
}

/// Does something with each item, on up to so many threads; returns what came of each, in order, and `None` for those that an interrupt
/// left out. With one thread, the caller's thread does it.
pub(crate) fn map<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    is_interrupted: &dyn Fn() -> bool,
    act: impl Fn(&I) -> T + Sync,
) -> Vec<Option<T>> {
    if threads <= 1 {
        return items.iter().map(|item| Some(act(item))).collect();
    }
    let done: Vec<_> = items.iter().map(|_| Mutex::new(None)).collect();
    let _ = each(
        items.len(),
        threads,
        is_interrupted,
        || (),
        |index| {
            if let (Some(item), Some(place)) = (items.get(index), done.get(index)) {
                let result = act(item);
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            }
            Ok(())
        },
    );
    done.into_iter().map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}
