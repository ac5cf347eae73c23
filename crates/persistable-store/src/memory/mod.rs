//! A store in the memory of the process, for tests and for results that needn't outlive it.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use persistable_base::fork::{Shared, Table};

use crate::backend::{
    Attempt, Author, Backend, Buffered, Companion, Files, Found, Identity, InMemory, Location, Look, OfThisProcess,
    Payload, PayloadRequest, Publication, Removal, Stage, Surveyed,
};
use crate::error::Result;
use crate::format::Digest;
use crate::format::name::stem_of_payload;
use crate::publication::Committed;
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

    fn find(&self, stem: &str, _look: Look) -> Result<Option<Found>> {
        Ok(self.get(stem).map(|artifact| Found::new(artifact.manifest.to_vec(), Some(artifact.author))))
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        let file = &request.record.file;
        let files =
            self.get(stem_of_payload(file)).filter(|artifact| artifact.file == *file).map(|artifact| artifact.files);
        Ok(Box::new(InMemory::new(self.location.join(file), files)))
    }

    fn try_lease(&self, _identity: Identity, _stem: &str) -> Result<Attempt> {
        Ok(Attempt::Leased(Box::new(OfThisProcess)))
    }

    fn stage(&self, _stem: &str, _file: &str, _durability: Durability) -> Result<Box<dyn Stage>> {
        let artifacts = Arc::clone(&self.artifacts);
        Ok(Box::new(Buffered::new(move |files, publication| publish(&artifacts, files, publication))))
    }

    fn takes_over(&self) -> bool {
        true
    }

    fn is_of_this_process(&self) -> bool {
        true
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

    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        let stamped = |(stem, artifact): (&String, &Artifact)| (stem.clone(), Digest::of(&artifact.manifest));
        let manifests: Vec<_> = self.artifacts.with(|artifacts| artifacts.iter().map(stamped).collect());
        manifests.into_iter().for_each(|(stem, stamp)| tell(Surveyed::manifest(stem, Some(stamp))));
        for stem in self.companions(Companion::Labels)? {
            let stamp = self.companion(&stem, Companion::Labels)?.map(|text| Digest::of(&text));
            tell(Surveyed::companion(stem, Companion::Labels, stamp));
        }
        Ok(())
    }

    fn sample(&self, payload_name: &str, most_entries: usize) -> Option<Vec<String>> {
        let prefix = format!("{payload_name}(");
        Some(self.artifacts.with(|artifacts| {
            let stems = artifacts.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
            stems
                .map(|(stem, _)| stem.clone())
                .take_while(|stem| stem.starts_with(&prefix))
                .take(most_entries)
                .collect()
        }))
    }

    fn companion(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
        Ok(self.companions.with(|texts| texts.get(&(companion, stem.to_owned())).cloned()))
    }

    fn set_companion(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
        let at = (companion, stem.to_owned());
        self.companions.with(|texts| match text {
            Some(text) => texts.insert(at, text.to_vec()),
            None => texts.remove(&at),
        });
        Ok(())
    }

    fn companions(&self, companion: Companion) -> Result<Vec<String>> {
        let of_kind = |texts: &mut BTreeMap<(Companion, String), Vec<u8>>| {
            texts.keys().filter(|(kind, _)| *kind == companion).map(|(_, stem)| stem.clone()).collect()
        };
        Ok(self.companions.with(of_kind))
    }

    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        self.records.with(|records| records.insert(digest, record.into()));
        Ok(())
    }

    fn kept(&self, digest: Digest) -> Result<Option<Vec<u8>>> {
        Ok(self.records.with(|records| records.get(&digest).map(|bytes| bytes.to_vec())))
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
