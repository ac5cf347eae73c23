//! Payloads that are gathered in memory, for kinds of store that put them in their place whole.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::stage::Stage;
use crate::error::{Context, Result};
use crate::files::Files;
use crate::format::Content;
use crate::medium::System;
use crate::publication::{Committed, Publication};
use crate::scratch::Scratch;
use crate::tree::{check_alone, content_of};

type Publish = dyn FnOnce(Files, Publication<'_>) -> Result<Committed> + Send + Sync;

/// A payload in memory. If it is written by its path, it is read back from there.
pub struct Buffered {
    files: BTreeMap<String, Vec<u8>>,
    scratch: Option<Scratch>,
    publish: Box<Publish>,
}

impl Buffered {
    /// Begins a payload. `publish` keeps the contract of [`Stage::publish`].
    pub fn new(publish: impl FnOnce(Files, Publication<'_>) -> Result<Committed> + Send + Sync + 'static) -> Self {
        Self { files: BTreeMap::new(), scratch: None, publish: Box::new(publish) }
    }
}

impl Stage for Buffered {
    fn begin(&mut self) -> Result<()> {
        self.files.insert(String::new(), Vec::new());
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.files.entry(String::new()).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn folder(&mut self) -> Result<PathBuf> {
        Ok(self.scratch.insert(Scratch::new()?).path().to_owned())
    }

    fn take_in(&mut self, path: &Path) -> Result<Content> {
        check_alone(&System, path, path.parent().unwrap_or(path), None)?;
        let content = content_of(&System, path)?;
        let mut read = |relative: &str, path: &Path| -> Result<()> {
            self.files.insert(relative.to_owned(), fs::read(path).context("read", path)?);
            Ok(())
        };
        match &content.files {
            None => read("", path)?,
            Some(files) => files.iter().try_for_each(|file| read(&file.path, &path.join(&file.path)))?,
        }
        self.scratch = None;
        Ok(content)
    }

    fn publish(self: Box<Self>, publication: Publication<'_>) -> Result<Committed> {
        let files = self.files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect();
        (self.publish)(Files::new(files), publication)
    }
}

impl fmt::Debug for Buffered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffered").field("files", &self.files.len()).finish_non_exhaustive()
    }
}
