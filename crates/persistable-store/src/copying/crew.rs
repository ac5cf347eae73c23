//! Workers: several threads that share work.

use persistable_base::sync::{Mutex, lock, thread};

/// Does the same with each of many things, several at once; returns what came of them in their order.
pub(super) fn each<T: Send, R: Send>(things: Vec<T>, at_once: usize, act: impl Fn(T) -> R + Sync) -> Vec<R> {
    let mut results: Vec<Option<R>> = std::iter::repeat_with(|| None).take(things.len()).collect();
    let workers = at_once.min(things.len());
    let pending = Mutex::new(things.into_iter().zip(&mut results));
    together(workers, || {
        loop {
            let next = lock(&pending).next();
            let Some((thing, result)) = next else { return };
            *result = Some(act(thing));
        }
    });
    drop(pending);
    results.into_iter().flatten().collect()
}

/// Runs the same in several threads. This thread is one of them, so that it is done even if no other can be had.
pub(super) fn together(workers: usize, work: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 1..workers {
            let _ = thread::spawn_scoped(scope, &work);
        }
        work();
    });
}
