//! Several stores as one.
//!
//! The last layer decides: its leases are the leases of the whole, and what is published is committed there. The layers above hold
//! copies of its artifacts, byte for byte, and perhaps artifacts of their own. So a layer that lacks something, is damaged, or can't
//! be written to costs time, and nothing else.
//!
//! Every manifest that is handed out is tagged with its layer, and a payload is read only where the very same manifest is.

mod bring;
mod browse;
mod companions;
mod find;
mod group_sync;
mod hold;
mod kind;
mod list;
mod opening;
mod payload;
mod remove;
mod stage;
mod tags;
mod twin;

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use persistable_base::fork::Shared;

use crate::backend::Backend;
use crate::error::Error;
use crate::format::{Digest, seal};
use crate::location::Location;
use crate::store::Store;

/// So many manifests are kept in mind whose payload is damaged.
const MOST_IGNORED: usize = 1 << 12;

/// Several stores. There are at least two.
#[derive(Debug)]
struct Layers {
    location: Location,
    above: Vec<Layer>,
    last: Store,
}

/// A layer above the last one.
#[derive(Debug)]
struct Layer {
    store: Store,
    /// The seals of manifests that are passed over: their payload is damaged, or another commit has replaced it in the last layer.
    ignored: Shared<HashSet<Digest>>,
    /// Of a folder: the file system that it is on.
    device: Option<u64>,
    has_complained: AtomicBool,
}

impl Layer {
    fn new(store: Store) -> Self {
        let device = store.path().and_then(device_of);
        Self { store, ignored: Shared::new(HashSet::new()), device, has_complained: AtomicBool::new(false) }
    }

    /// Makes a layer's folder again that somebody removed, so that it is filled again. Returns whether it did. What the layer alone
    /// had is gone. But it may be there if the disk or share was unmounted. Then the file system around is another, and nothing is
    /// made.
    fn makes_folder_anew(&self) -> bool {
        let Some(path) = self.store.path().filter(|path| std::fs::symlink_metadata(path).is_err()) else {
            return false;
        };
        let is_same_disk = path.parent().and_then(device_of).is_some_and(|device| self.device == Some(device));
        let is_made = is_same_disk && std::fs::create_dir(path).is_ok();
        if is_made {
            let layer = self.store.location();
            tracing::warn!(target: "persistable", %layer, "the folder of a layer was removed. It was made again, and is empty");
        }
        is_made
    }

    fn ignore(&self, seal: Digest) {
        self.ignored.with(|ignored| {
            if ignored.len() >= MOST_IGNORED {
                ignored.clear(); // What is met again is ignored again.
            }
            ignored.insert(seal)
        });
    }

    fn unignore(&self, seal: Digest) {
        self.ignored.with(|ignored| ignored.remove(&seal));
    }

    fn ignores(&self, seal: Digest) -> bool {
        self.ignored.with(|ignored| ignored.contains(&seal))
    }

    fn ignores_manifest(&self, manifest: &[u8]) -> bool {
        seal::of(manifest).is_some_and(|seal| self.ignores(seal))
    }

    /// Says, once, that the layer is of less use than it could be.
    fn complain(&self, what: &str, error: &Error) {
        if !self.has_complained.swap(true, Ordering::Relaxed) {
            let layer = self.store.location();
            tracing::warn!(
                target: "persistable",
                %layer,
                %error,
                "{what}, {layer}, because of this: {error}. Results are found in the other layers. This is said once"
            );
        }
    }
}

impl Layers {
    fn last_index(&self) -> usize {
        self.above.len()
    }

    fn layer(&self, index: usize) -> &Store {
        self.above.get(index).map_or(&self.last, |layer| &layer.store)
    }

    fn backends(&self) -> impl Iterator<Item = &dyn Backend> {
        (0..=self.last_index()).map(|index| &**self.layer(index).backend())
    }

    /// Says why only the last layer will do.
    fn of_last(&self, error: Error) -> Error {
        let message = format!(
            "{}. It is the last layer of {}, which decides who generates and where results are committed. What the layers above \
             have can still be loaded",
            error.message(),
            self.location
        );
        let (kind, is_retryable) = (error.kind(), error.is_retryable());
        let location = error.location().cloned().unwrap_or_else(|| self.last.location().clone());
        let of_last = Error::new(kind, message).at(location).retryable(is_retryable);
        match error.into_source() {
            Some(source) => of_last.caused_by(source),
            None => of_last,
        }
    }
}

/// Returns which file system a folder is on.
fn device_of(folder: &Path) -> Option<u64> {
    std::fs::metadata(folder).ok().map(|metadata| metadata.dev())
}
