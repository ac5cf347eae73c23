//! A second load, whose payload is in the cache, against a load from a local folder.
//!
//! A load asks the store for the manifest, also if the payload is in the cache. For a small payload this request is most of the time.
//! So the second floor is such a request, followed by the local load: the rest is ours.

use std::time::Duration;

use persistable::store::{ArtifactId, Settings, Store, StoreOptions};

use super::floor::Floor;
use super::server::{address, id, open, persist, remove};
use crate::folder::Scratch;
use crate::harness::{compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;

/// Payloads of one kind.
struct Case {
    name: &'static str,
    what: &'static str,
    bytes: usize,
    is_by_path: bool,
    /// So many loads are measured at once.
    loads: u32,
    rounds: usize,
    local_bar: Bar,
}

const CASES: [Case; 3] = [
    Case {
        name: "cached",
        what: "256 MiB through the cache",
        bytes: 256 << 20,
        is_by_path: false,
        loads: 1,
        rounds: 7,
        local_bar: Bar::Ratio(1.2),
    },
    Case {
        name: "cached_bytes",
        what: "2 MiB through the cache",
        bytes: 2 << 20,
        is_by_path: false,
        loads: 20,
        rounds: 21,
        local_bar: Bar::None,
    },
    Case {
        name: "cached_path",
        what: "300 KB through the cache, by its path",
        bytes: 300_000,
        is_by_path: true,
        loads: 20,
        rounds: 21,
        local_bar: Bar::None,
    },
];

pub(super) fn run(scratch: &Scratch, table: &mut Table) -> Result<()> {
    let cache = scratch.folder()?;
    let address = address()?;
    let remote = open(&address, StoreOptions::new().cache(&cache))?;
    let local = Store::create(scratch.folder()?)?;
    let floor = Floor::new()?;
    let folder = address.url.trim_start_matches("s3://bucket/");
    for case in &CASES {
        let id = id(case.name, 1)?;
        for store in [&remote, &local] {
            persist(store, &id, |staging| Ok(staging.writer()?.write_all(&vec![b'x'; case.bytes])?))?;
        }
        let mut names = floor.names(folder)?;
        let begin = format!("{}(", case.name);
        names.retain(|name| {
            name.filename().is_some_and(|name| name.starts_with(&begin) && name.ends_with(".manifest.json"))
        });
        let [manifest] = names.as_slice() else { return Err(format!("{} manifests are there", names.len()).into()) };
        let through_cache = || case.time(|| case.load(&remote, &id));
        let from_folder = || case.time(|| case.load(&local, &id));
        let with_request = || case.time(|| floor.read(manifest).and_then(|_| case.load(&local, &id)));
        let comparison = compare(case.rounds, through_cache, from_folder)?;
        table.compare(&format!("{}, against a local folder", case.what), &comparison, case.local_bar);
        let comparison = compare(case.rounds, through_cache, with_request)?;
        table.compare(&format!("{}, against one request and a local folder", case.what), &comparison, Bar::Ratio(1.2));
        remove(&remote, &id)?;
    }
    Ok(())
}

impl Case {
    fn load(&self, store: &Store, id: &ArtifactId) -> Result<()> {
        let artifact = store.find(id)?.ok_or("it is gone")?;
        let mut payload = artifact.payload(&Settings::default())?;
        let size = if self.is_by_path { std::fs::read(payload.path()?)?.len() } else { payload.bytes()?.len() };
        if size == self.bytes { Ok(()) } else { Err(format!("{size} bytes were loaded").into()) }
    }

    /// Returns how long one load takes.
    fn time(&self, load: impl Fn() -> Result<()>) -> Result<Duration> {
        let loads = || (0..self.loads).try_for_each(|_| load());
        Ok(timed(loads)?.1 / self.loads)
    }
}
