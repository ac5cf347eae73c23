//! A survey of the whole folder: every manifest and every text beside an artifact, with stamps. Listing the folder and asking for
//! the stamps take about the same time, so that several threads do it.

use std::ffi::OsString;
use std::iter;
use std::sync::mpsc::{Receiver, Sender, TrySendError, channel, sync_channel};

use persistable_base::sync::{Mutex, lock, thread};

use super::companions::{stamp_of, surveyed};
use super::root::Root;
use crate::error::{Context, Result};
use crate::medium::Entries;
use crate::survey::Surveyed;

/// So many files are looked at together. A folder with fewer is surveyed by one thread.
const BATCH: usize = 512;
/// So many batches wait at most, so that the names of a large folder don't fill the memory.
const MOST_WAITING: usize = 8;
const MOST_THREADS: usize = 8;

/// Tells of every manifest and of every text with labels. A stamp is made of what the file system says of the file, unless that
/// may not show the next change.
pub(super) fn survey(root: &Root, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
    root.metadata()?;
    let mut entries = root.medium().entries(root.path()).context("list", root.path())?;
    let first = batch(root, &mut entries)?;
    if first.len() < BATCH {
        look(root, first).into_iter().for_each(tell);
        return Ok(());
    }
    // The caller's thread works as well.
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let (jobs, waiting) = sync_channel(MOST_WAITING);
    let (results, done) = channel();
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (waiting, results) = (&waiting, results.clone());
            // If the system has no thread left, the caller's one does it all.
            let _ = thread::spawn_scoped(scope, move || work(root, waiting, &results));
        }
        drop(results);
        let batches = iter::once(Ok(first)).chain(iter::from_fn(|| {
            let next = batch(root, &mut entries);
            next.map(|names| (!names.is_empty()).then_some(names)).transpose()
        }));
        for names in batches {
            match jobs.try_send(names?) {
                Ok(()) => {}
                Err(TrySendError::Full(names) | TrySendError::Disconnected(names)) => {
                    look(root, names).into_iter().for_each(&mut *tell);
                }
            }
            done.try_iter().flatten().for_each(&mut *tell);
        }
        drop(jobs);
        done.iter().flatten().for_each(&mut *tell);
        Ok(())
    })
}

/// Reads the next names of files that a survey tells of, at most [`BATCH`].
fn batch(root: &Root, entries: &mut Entries) -> Result<Vec<OsString>> {
    let mut names = Vec::new();
    while names.len() < BATCH
        && let Some(entry) = entries.next()
    {
        let name = entry.context("list", root.path())?.name;
        if name.to_str().and_then(surveyed).is_some() {
            names.push(name);
        }
    }
    Ok(names)
}

/// Looks at batches until there are no more.
fn work(root: &Root, waiting: &Mutex<Receiver<Vec<OsString>>>, results: &Sender<Vec<Surveyed>>) {
    loop {
        // The one that waits holds the mutex, and the others wait for it.
        let next = lock(waiting).recv();
        let Ok(names) = next else { return };
        if results.send(look(root, names)).is_err() {
            return;
        }
    }
}

fn look(root: &Root, names: Vec<OsString>) -> Vec<Surveyed> {
    let mut path = root.path().to_owned();
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let Some((stem, companion)) = name.to_str().and_then(surveyed) else { continue };
        path.push(&name);
        let stamp = root.medium().metadata(&path).ok().and_then(|metadata| stamp_of(&metadata));
        path.pop();
        found.push(Surveyed { stem: stem.to_owned(), companion, stamp });
    }
    found
}
