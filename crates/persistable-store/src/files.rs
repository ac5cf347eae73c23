//! The files of a payload, in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Context, Result};

/// The files of a payload by their path in its folder; a payload of one file has the path "".
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, Arc<[u8]>>);

impl Files {
    /// Gathers files by their path in the payload's folder.
    #[must_use]
    pub fn new(files: BTreeMap<String, Arc<[u8]>>) -> Self {
        Self(files)
    }

    /// Makes a payload of one file.
    #[must_use]
    pub fn of_one(bytes: &[u8]) -> Self {
        Self([(String::new(), bytes.into())].into())
    }

    /// Returns a file's bytes.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.0.get(path)
    }

    /// Returns all files, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        self.0.iter().map(|(path, bytes)| (path.as_str(), bytes))
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
