//! Payloads on their way into layers.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Layers;
use super::tags::{tagged, untagged};
use super::twin::{Twin, is_worth_saying};
use crate::error::{Error, Result};
use crate::format::Content;
use crate::publication::{Committed, Publication};
use crate::settings::Durability;
use crate::staging::Stage;

/// A payload that is written to the last layer, and to those above as far as that is possible.
#[derive(Debug)]
pub(super) struct LayeredStage {
    layers: Arc<Layers>,
    stage: Box<dyn Stage>,
    twins: Vec<Twin>,
}

impl LayeredStage {
    pub(super) fn new(layers: &Arc<Layers>, stem: &str, file: &str, durability: Durability) -> Result<Self> {
        let stage = layers.last.backend().stage(stem, file, durability)?;
        let mut this = Self { layers: Arc::clone(layers), stage, twins: Vec::new() };
        for (index, layer) in layers.above.iter().enumerate() {
            if layer.store.backend().facts().takes_over {
                match Twin::begin(index, layer, stem, file) {
                    Ok(twin) => this.twins.push(twin),
                    Err(error) => this.complain(index, &error),
                }
            }
        }
        Ok(this)
    }

    /// Does the same in the layers above. A layer in which that fails is done without.
    fn also(&mut self, act: impl Fn(&mut Twin) -> Result<()>) {
        for mut twin in std::mem::take(&mut self.twins) {
            match act(&mut twin) {
                Ok(()) => self.twins.push(twin),
                Err(error) => self.complain(twin.index, &error),
            }
        }
    }

    fn complain(&self, index: usize, error: &Error) {
        if let Some(layer) = self.layers.above.get(index)
            && is_worth_saying(error)
        {
            layer.complain("a result can't be copied to a layer", error);
        }
    }
}

impl Stage for LayeredStage {
    fn begin(&mut self) -> Result<()> {
        self.stage.begin()?;
        self.also(Twin::begin_file);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stage.write(bytes)?;
        self.also(|twin| twin.write(bytes));
        Ok(())
    }

    fn path(&self) -> Option<&Path> {
        self.stage.path()
    }

    fn folder(&mut self) -> Result<PathBuf> {
        self.stage.folder()
    }

    fn take_in(&mut self, path: &Path) -> Result<Content> {
        let twins = std::mem::take(&mut self.twins);
        let copied: Vec<_> = twins.into_iter().map(|mut twin| (twin.copy(path), twin)).collect();
        // What can't be published can't be copied either, which is said here.
        let content = self.stage.take_in(path)?;
        for (copy, twin) in copied {
            match copy {
                Ok(copy) if copy.digest == content.digest && copy.size_bytes == content.size_bytes => {
                    self.twins.push(twin);
                }
                Ok(_) => {}
                Err(error) => self.complain(twin.index, &error),
            }
        }
        Ok(content)
    }

    fn publish(self: Box<Self>, mut publication: Publication<'_>) -> Result<Committed> {
        let Self { layers, stage, twins } = *self;
        let (last, params, author) = (layers.last_index(), publication.params, publication.author());
        // What only a layer above has is not replaced in the last one.
        publication.expect(|found| untagged(&found).filter(|(layer, _)| *layer == last).map(|(_, found)| found));
        let committed = stage.publish(publication)?;
        for twin in twins {
            if let Some(layer) = layers.above.get(twin.index)
                && let Err(error) = twin.publish(layer, &committed, params, author.clone())
            {
                layer.complain("a result can't be copied to a layer", &error);
            }
        }
        if let Ok(id) = committed.manifest.id() {
            layers.copy_published(&id, &committed.found.bytes);
        }
        Ok(Committed { found: tagged(last, committed.found), manifest: committed.manifest })
    }
}
