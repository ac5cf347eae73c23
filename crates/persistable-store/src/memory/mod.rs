//! A store in the memory of the process, for tests and for results that needn't outlive it.

mod browse;
mod companions;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use persistable_base::fork::{Shared, Table};

use crate::backend::{
    Author, Backend, Browse, Buffered, Committed, Companion, Companions, Facts, Files, Found, Identity, InMemory,
    LeaseAnswer, Location, Look, OfThisProcess, Payload, PayloadRequest, Publication, Removal, Stage, Wanted,
};
use crate::error::Result;
use crate::format::Digest;
use crate::format::name::stem_of_payload;
use crate::settings::Durability;

/// So many names are listed at once.
const BATCH: usize = 1 << 10;

/// What was published here is this account's own. What was taken over is whose it was.
#[derive(Debug)]
pub(crate) struct Memory {
    identity: Identity,
    location: Location,
    artifacts: Arc<Shared<Artifacts>>,
    records: Shared<BTreeMap<Digest, Arc<[u8]>>>,
    companions: Shared<BTreeMap<(Companion, String), Vec<u8>>>,
}

/// Artifacts by their stem.
type Artifacts = BTreeMap<String, Artifact>;

#[derive(Clone, Debug)]
struct Artifact {
    manifest: Arc<[u8]>,
    author: Author,
    /// The payload's file name.
    file: String,
    files: Files,
}

impl Memory {
    pub(crate) fn new() -> Self {
        let number = next_number();
        Self::at(number, format!("memory:{number}"))
    }

    /// Returns the store of this name: the same as long as the process lives.
    pub(crate) fn named(name: &str) -> Arc<Self> {
        static NAMED: Table<BTreeMap<String, Arc<Memory>>> = Table::new(BTreeMap::new());
        if let Some(memory) = NAMED.lock().get(name) {
            return Arc::clone(memory);
        }
        let made = Arc::new(Self::at(next_number(), format!("memory://{name}")));
        Arc::clone(NAMED.lock().entry(name.to_owned()).or_insert(made))
    }

    fn at(number: u64, location: String) -> Self {
        Self {
            identity: Identity::new("memory", [number, 0]),
            location: Location::Name(location),
            artifacts: Arc::new(Shared::new(BTreeMap::new())),
            records: Shared::new(BTreeMap::new()),
            companions: Shared::new(BTreeMap::new()),
        }
    }

    fn get(&self, stem: &str) -> Option<Artifact> {
        self.artifacts.with(|artifacts| artifacts.get(stem).cloned())
    }
}

fn next_number() -> u64 {
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

impl Backend for Memory {
    fn identity(&self) -> Result<Identity> {
        Ok(self.identity)
    }

    fn location(&self) -> &Location {
        &self.location
    }

    fn facts(&self) -> Facts {
        Facts { takes_over: true, is_of_this_process: true, ..Facts::default() }
    }

    fn find(&self, stem: &str, _look: Look<'_>) -> Result<Option<Found>> {
        Ok(self.get(stem).map(|artifact| Found::new(artifact.manifest.to_vec(), Some(artifact.author))))
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        let file = &request.record.file;
        let files =
            self.get(stem_of_payload(file)).filter(|artifact| artifact.file == *file).map(|artifact| artifact.files);
        Ok(Box::new(InMemory::new(self.location.join(file), files)))
    }

    fn try_lease(&self, _identity: Identity, _stem: &str, _wanted: Wanted) -> Result<LeaseAnswer> {
        Ok(LeaseAnswer::Leased(Box::new(OfThisProcess)))
    }

    fn stage(&self, _stem: &str, _file: &str, _durability: Durability) -> Result<Box<dyn Stage>> {
        let artifacts = Arc::clone(&self.artifacts);
        Ok(Box::new(Buffered::new(move |files, publication| publish(&artifacts, files, publication))))
    }

    fn amend(&self, stem: &str, old: &Found, sealed: &[u8], _durability: Durability) -> Result<Option<Found>> {
        Ok(self.artifacts.with(|artifacts| {
            let artifact = artifacts.get_mut(stem).filter(|artifact| *artifact.manifest == *old.bytes)?;
            artifact.manifest = sealed.into();
            Some(Found::new(sealed.to_vec(), Some(artifact.author.clone())))
        }))
    }

    fn remove(&self, stem: &str, _removal: Removal<'_>) -> Result<bool> {
        // It may be large, and is dropped afterwards.
        Ok(self.artifacts.with(|artifacts| artifacts.remove(stem)).is_some())
    }

    fn list(&self, after: Option<&str>) -> Result<Vec<String>> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(self.artifacts.with(|artifacts| {
            artifacts.range::<str, _>((after, Bound::Unbounded)).take(BATCH).map(|(stem, _)| stem.clone()).collect()
        }))
    }

    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        self.records.with(|records| records.insert(digest, record.into()));
        Ok(())
    }

    fn kept(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        let record = self.records.with(|records| records.get(&digest).cloned());
        Ok(record.filter(|record| is_it(record)).map(|record| record.to_vec()))
    }

    fn companions(&self) -> Option<&dyn Companions> {
        Some(self)
    }

    fn browse(&self) -> Option<&dyn Browse> {
        Some(self)
    }
}

fn publish(artifacts: &Shared<Artifacts>, files: Files, publication: Publication<'_>) -> Result<Committed> {
    let sealed = publication.seal()?;
    let (author, file) = (publication.author(), publication.record().file.clone());
    let artifact = Artifact { manifest: sealed.as_slice().into(), author: author.clone(), file, files };
    let expected = publication.expected().map(|found| found.bytes.as_slice());
    // The one before may be large, and is dropped afterwards.
    let replaced = artifacts.with(|artifacts| {
        if artifacts.get(publication.stem()).map(|there| &*there.manifest) != expected {
            return Err(publication.lost());
        }
        Ok(artifacts.insert(publication.stem().to_owned(), artifact))
    });
    drop(replaced?);
    Ok(publication.committed(Found::new(sealed, Some(author))))
}
