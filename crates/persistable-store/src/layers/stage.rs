//! Payloads on their way into layers.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Layers;
use super::tags::{tagged, untagged};
use crate::error::Result;
use crate::format::Content;
use crate::publication::{Committed, Publication};
use crate::staging::Stage;

/// A payload that is written to the last layer, and copied up from there.
#[derive(Debug)]
pub(super) struct LayeredStage {
    layers: Arc<Layers>,
    stage: Box<dyn Stage>,
}

impl LayeredStage {
    pub(super) fn new(layers: &Arc<Layers>, stage: Box<dyn Stage>) -> Self {
        Self { layers: Arc::clone(layers), stage }
    }
}

impl Stage for LayeredStage {
    fn begin(&mut self) -> Result<()> {
        self.stage.begin()
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stage.write(bytes)
    }

    fn path(&self) -> Option<&Path> {
        self.stage.path()
    }

    fn folder(&mut self) -> Result<PathBuf> {
        self.stage.folder()
    }

    fn take_in(&mut self, path: &Path) -> Result<Content> {
        self.stage.take_in(path)
    }

    fn publish(self: Box<Self>, mut publication: Publication<'_>) -> Result<Committed> {
        let last = self.layers.last_index();
        // What only a layer above has is not replaced in the last one.
        publication.expect(|found| untagged(&found).filter(|(layer, _)| *layer == last).map(|(_, found)| found));
        let committed = self.stage.publish(publication)?;
        if let Ok(id) = committed.manifest.id() {
            self.layers.copy_published(&id);
        }
        Ok(Committed { found: tagged(last, committed.found), manifest: committed.manifest })
    }
}
