//! A payload that is written to a layer above, while it is written to the last one.

use std::io;
use std::path::Path;

use super::Layer;
use super::bring::DURABILITY;
use crate::backend::{Hold, Removal};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::format::Content;
use crate::found::Look;
use crate::lease::hold;
use crate::medium::System;
use crate::on_disk::file::copy_tree;
use crate::patience::{Holder, Patience};
use crate::publication::{Committed, Publication};
use crate::settings::Wait;
use crate::staging::Stage;
use crate::thread_locks::ThreadLock;
use crate::tree::Links;
use crate::trust::Author;

/// The same payload in a layer above. So it needn't be read back from the last one.
#[derive(Debug)]
pub(super) struct Twin {
    /// The layer.
    pub(super) index: usize,
    stage: Box<dyn Stage>,
    /// The layer's own lease. It ends last.
    _held: (Box<dyn Hold>, ThreadLock),
}

impl Twin {
    /// Begins to write. Whoever has the layer's lease is not waited for.
    pub(super) fn begin(index: usize, layer: &Layer, stem: &str, file: &str) -> Result<Self> {
        let (backend, thread_locks) = (layer.store.backend(), layer.store.thread_locks());
        let mut untold = |_: &Holder| {};
        let held = hold(backend, thread_locks, stem, &mut Patience::new(Wait::NOT_AT_ALL, &mut untold, &|| false))?;
        Ok(Self { index, stage: backend.stage(stem, file, DURABILITY)?, _held: held })
    }

    pub(super) fn begin_file(&mut self) -> Result<()> {
        self.stage.begin()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stage.write(bytes).context("write", Path::new("a copy"))
    }

    /// Copies a payload that was written by its path.
    pub(super) fn copy(&mut self, path: &Path) -> Result<Content> {
        let name =
            path.file_name().ok_or(io::ErrorKind::InvalidInput).map_err(io::Error::from).context("copy", path)?;
        let copy = self.stage.folder()?.join(name);
        copy_tree(&System, path, &copy, Links::Refused)?;
        self.stage.take_in(&copy)
    }

    /// Takes over what was committed in the last layer, in place of what is there.
    pub(super) fn publish(self, layer: &Layer, committed: &Committed, params: &str, author: Author) -> Result<()> {
        let (backend, Ok(id)) = (layer.store.backend(), committed.manifest.id()) else { return Ok(()) };
        let removal = match backend.find(id.stem(), Look::AtBytes) {
            Ok(None) => None,
            Ok(Some(_)) => Some(Removal::Unwanted),
            Err(error) if error.kind() == ErrorKind::Damaged => Some(Removal::Damaged("it was replaced")),
            Err(error) => return Err(error),
        };
        if let Some(removal) = removal {
            backend.remove(id.stem(), removal)?;
        }
        let publication = Publication {
            stem: id.stem(),
            params,
            manifest: committed.manifest.clone(),
            signing_key: None,
            durability: DURABILITY,
            replaced: None,
            original: Some((&committed.found.bytes, author)),
        };
        self.stage.publish(publication).map(drop)
    }
}

/// Whether a failure says that a layer is of less use than it could be.
pub(super) fn is_worth_saying(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::Busy | ErrorKind::Interrupted)
}
