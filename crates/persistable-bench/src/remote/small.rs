//! Many small artifacts: listed, and loaded.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use persistable::store::{Listed, Settings, Store, StoreOptions};

use super::floor::{Floor, READS_AT_ONCE};
use super::server::{address, id, open, persist, remove};
use crate::harness::{compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;

const ARTIFACTS: u32 = 1000;
const BYTES: usize = 1 << 10;
const ROUNDS: usize = 5;

pub(super) fn run(table: &mut Table) -> Result<()> {
    let address = address()?;
    let store = open(&address, StoreOptions::new().without_cache())?;
    let ids = (0..ARTIFACTS).map(|key| id("small", key)).collect::<Result<Vec<_>>>()?;
    on_threads(ids.iter().cloned(), |id| {
        persist(&store, &id, |staging| Ok(staging.writer()?.write_all(&[b'x'; BYTES])?))
    })?;
    let floor = Floor::new()?;
    let folder = address.url.trim_start_matches("s3://bucket/").to_owned();
    let mut names = floor.names(&folder)?;
    names.retain(|name| !name.as_ref().contains("/.persistable/"));
    let subject = || {
        let (count, took) = timed(|| list_and_load(&store))?;
        if count != ARTIFACTS as usize { Err(format!("{count} were listed").into()) } else { Ok(took) }
    };
    // A manifest and a payload of each.
    let comparison = compare(ROUNDS, subject, || floor.read_all(&names))?;
    table.compare("1,000 artifacts of 1 KiB, listed and loaded", &comparison, Bar::Ratio(1.5));
    on_threads(ids.iter().cloned(), |id| remove(&store, &id))
}

fn list_and_load(store: &Store) -> Result<usize> {
    let artifacts = store.artifacts().map(|listed| match listed {
        Ok(Listed::Whole(artifact)) => Ok(artifact),
        Ok(Listed::Unusable { error, .. }) | Err(error) => Err(error),
    });
    let artifacts = artifacts.collect::<std::result::Result<Vec<_>, _>>()?;
    let count = artifacts.len();
    on_threads(artifacts.into_iter(), |artifact| {
        let size = artifact.payload(&Settings::default())?.bytes()?.len();
        if size == BYTES { Ok(()) } else { Err(format!("{size} bytes were loaded").into()) }
    })?;
    Ok(count)
}

/// Does something with all, many at once.
fn on_threads<T>(all: impl Iterator<Item = T> + Send, act: impl Fn(T) -> Result<()> + Sync) -> Result<()> {
    let all = Mutex::new(all);
    let next = || all.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        let work = || -> Result<()> {
            while let Some(one) = next() {
                act(one)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..READS_AT_ONCE).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".into())))
    })
}
