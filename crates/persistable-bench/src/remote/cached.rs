//! A second load, whose payload is in the cache, against a load from a local folder.

use persistable::store::{ArtifactId, Settings, Store, StoreOptions};

use super::server::{address, id, open, persist, remove};
use crate::folder::Scratch;
use crate::harness::{compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;

const BYTES: usize = 256 << 20;
const ROUNDS: usize = 7;

pub(super) fn run(scratch: &Scratch, table: &mut Table) -> Result<()> {
    let cache = scratch.folder()?;
    let remote = open(&address()?, StoreOptions::new().cache(&cache))?;
    let local = Store::create(scratch.folder()?)?;
    let id = id("cached", 1)?;
    for store in [&remote, &local] {
        persist(store, &id, |staging| Ok(staging.writer()?.write_all(&vec![b'x'; BYTES])?))?;
    }
    let load = |store: &Store| Ok(timed(|| loaded(store, &id))?.1);
    let comparison = compare(ROUNDS, || load(&remote), || load(&local))?;
    table.compare("256 MiB through the cache, against a local folder", &comparison, Bar::Ratio(1.2));
    remove(&remote, &id)
}

fn loaded(store: &Store, id: &ArtifactId) -> Result<()> {
    let artifact = store.find(id)?.ok_or("it is gone")?;
    let size = artifact.payload(&Settings::default())?.bytes()?.len();
    if size == BYTES { Ok(()) } else { Err(format!("{size} bytes were loaded").into()) }
}
