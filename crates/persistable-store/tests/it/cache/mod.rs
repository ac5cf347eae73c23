//! Reading payloads of stores of objects: downloads, and the cache.

mod damage;
mod eviction;
mod folders;
mod processes;
mod sharing;
mod trust;
mod ways;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persistable_objects::{Memory, Verb};
use persistable_store::{Store, StoreOptions};
use tempfile::TempDir;

/// Objects in memory, with a cache.
pub(crate) struct Place {
    pub(crate) objects: Memory,
    root: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { objects: Memory::new(), root: tempfile::tempdir().unwrap() }
    }

    /// The folder that a user names.
    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("cache")
    }

    fn options(&self) -> StoreOptions {
        StoreOptions::new().cache(self.folder())
    }

    pub(crate) fn store(&self) -> Store {
        self.over(&self.options())
    }

    pub(crate) fn store_without_cache(&self) -> Store {
        self.over(&StoreOptions::new().without_cache())
    }

    fn over(&self, options: &StoreOptions) -> Store {
        options.over(Arc::new(self.objects.clone())).unwrap()
    }

    /// Counts the reads that something sends.
    pub(crate) fn reads_of<T>(&self, act: impl FnOnce() -> T) -> (T, usize) {
        let before = self.objects.requests(Verb::Get);
        let done = act();
        (done, self.objects.requests(Verb::Get) - before)
    }

    /// The folders of the entries.
    pub(crate) fn entries(&self) -> Vec<PathBuf> {
        entries_in(&self.folder())
    }

    /// The only entry.
    pub(crate) fn entry(&self) -> PathBuf {
        let [entry] = <[PathBuf; 1]>::try_from(self.entries()).unwrap();
        entry
    }

    /// Checks that nothing is left behind beside the entries.
    pub(crate) fn assert_tidy(&self) {
        let inner = self.folder().join("payloads");
        for folder in ["downloads", "trash"] {
            let left: Vec<_> = list(&inner.join(folder));
            assert!(left.is_empty(), "{folder}: {left:?}");
        }
        for process in list(&inner.join("loans")) {
            let left: Vec<_> = list(&process).into_iter().filter(|path| !path.ends_with("lock")).collect();
            let is_small = |path: &PathBuf| list(path).iter().all(|file| file.metadata().unwrap().len() <= 1 << 20);
            assert!(
                left.iter().all(is_small) && left.len() <= 64,
                "stores that are still open keep small ones: {left:?}"
            );
        }
    }
}

fn entries_in(cache: &Path) -> Vec<PathBuf> {
    let short = |path: &PathBuf| path.file_name().unwrap().len() == 2;
    list(&cache.join("payloads")).iter().filter(|path| short(path)).flat_map(|path| list(path)).collect()
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Bytes that differ by their seed.
pub(crate) fn bytes(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|index| (index as u8).wrapping_mul(31).wrapping_add((index >> 8) as u8) ^ seed).collect()
}

/// So large that a payload comes in several requests.
pub(crate) const LARGE: usize = (1 << 20) + 12_345;
