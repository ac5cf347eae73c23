//! Reading manifests of a store.

use std::thread;

use persistable_store::{Listed, Manifest, Store};

use crate::error::Result;

/// Returns the manifest of a stem: that in the store, or else that in its record of removal.
pub(crate) fn manifest_of(store: &Store, stem: &str) -> Result<Option<Manifest>> {
    match store.listed(stem) {
        Some(Listed::Whole(artifact)) => Ok(Some(artifact.into_manifest())),
        Some(Listed::Unusable { error, .. }) => Err(error.into()),
        None => Ok(store.removed(stem)?.and_then(|removed| removed.manifest())),
    }
}

/// Reads what is listed for each stem, on all cores. A store that answers slowly is asked for many at the same time.
pub(crate) fn listed(store: &Store, stems: &[String]) -> Vec<Option<Listed>> {
    in_parts(stems, |part| store.listed_all(part))
}

/// Does something for parts of a list, on all cores; returns the results in order. What a thread that panicked did not do is
/// `None`.
pub(crate) fn in_parts<T: Sync, R: Send>(items: &[T], act: impl Fn(&[T]) -> Vec<Option<R>> + Sync) -> Vec<Option<R>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).clamp(1, 8);
    let share = items.len().div_ceil(threads).max(64);
    let act = &act;
    thread::scope(|scope| {
        let workers: Vec<_> = items.chunks(share).map(|part| scope.spawn(move || act(part))).collect();
        let mut all = Vec::with_capacity(items.len());
        for (worker, part) in workers.into_iter().zip(items.chunks(share)) {
            match worker.join() {
                Ok(done) => all.extend(done),
                Err(_) => all.extend(part.iter().map(|_| None)),
            }
        }
        all
    })
}
