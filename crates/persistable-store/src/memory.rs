//! A store in the memory of the process, for tests and for results that needn't outlive it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::digest::Digest;
use crate::error::{Context, Result};
use crate::fork::Shared;
use crate::name::ArtifactId;
use crate::place::Place;

/// The files of a payload by their path in its folder; a payload of one file has the path "".
#[derive(Debug, Default)]
pub(crate) struct MemoryFiles(BTreeMap<String, Arc<[u8]>>);

impl MemoryFiles {
    pub(crate) fn new(files: Vec<(String, Vec<u8>)>) -> Self {
        Self(files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect())
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.0.get(path)
    }

    /// Writes the payload to a path on disk.
    pub(crate) fn unpack(&self, to: &Path) -> Result<()> {
        if let Some(bytes) = self.get("") {
            return fs::write(to, bytes).context("write", to);
        }
        fs::create_dir(to).context("create the folder", to)?;
        for (relative, bytes) in &self.0 {
            let path = to.join(relative);
            let parent = path.parent().unwrap_or(to);
            fs::create_dir_all(parent).context("create the folder", parent)?;
            fs::write(&path, bytes).context("write", &path)?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct MemoryArtifact {
    pub manifest: Arc<[u8]>,
    pub files: Arc<MemoryFiles>,
}

/// Artifacts by the stem of their file names.
#[derive(Debug)]
pub(crate) struct Memory {
    number: u64,
    artifacts: Shared<BTreeMap<String, MemoryArtifact>>,
    records: Shared<BTreeMap<String, Arc<[u8]>>>,
}

static NUMBERS: AtomicU64 = AtomicU64::new(0);

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            artifacts: Shared::new(BTreeMap::new()),
            records: Shared::new(BTreeMap::new()),
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place::Memory(self.number)
    }

    pub(crate) fn get(&self, id: &ArtifactId) -> Option<MemoryArtifact> {
        self.artifacts.with(|artifacts| artifacts.get(id.stem()).cloned())
    }

    pub(crate) fn publish(&self, id: &ArtifactId, files: Vec<(String, Vec<u8>)>, manifest: Vec<u8>) {
        let artifact = MemoryArtifact { manifest: manifest.into(), files: Arc::new(MemoryFiles::new(files)) };
        // The one before may be large, and is dropped afterwards.
        let _before = self.artifacts.with(|artifacts| artifacts.insert(id.stem().to_owned(), artifact));
    }

    pub(crate) fn amend(&self, id: &ArtifactId, manifest: Vec<u8>) {
        self.artifacts.with(|artifacts| {
            if let Some(artifact) = artifacts.get_mut(id.stem()) {
                artifact.manifest = manifest.into();
            }
        });
    }

    pub(crate) fn keep_record(&self, digest: Digest, bytes: &[u8]) {
        self.records.with(|records| records.insert(digest.to_hex(), bytes.into()));
    }

    pub(crate) fn record(&self, digest: Digest) -> Option<Vec<u8>> {
        self.records.with(|records| records.get(&digest.to_hex()).map(|bytes| bytes.to_vec()))
    }

    pub(crate) fn remove(&self, id: &ArtifactId) -> bool {
        self.artifacts.with(|artifacts| artifacts.remove(id.stem())).is_some()
    }
}
