//! How to export and import.

use std::fmt;
use std::path::{Path, PathBuf};

use persistable_store::{CopyOptions, Error as StoreError, ErrorKind as StoreErrorKind, Keys};

use crate::error::Result;

type ProgressListener<'a> = Box<dyn Fn(u64, u64) + 'a>;
type Interrupt<'a> = Box<dyn Fn() -> bool + 'a>;

/// How to export and import artifacts.
#[derive(Default)]
pub struct ExchangeOptions<'a> {
    keys: Keys,
    scratch: Option<PathBuf>,
    progress: Option<ProgressListener<'a>>,
    interrupt: Option<Interrupt<'a>>,
}

impl<'a> ExchangeOptions<'a> {
    /// Begins with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes along countersignatures with these keys. In a bucket, what is imported is sealed anew and signed, if one of these
    /// keys has signed it before.
    #[must_use]
    pub fn keys(mut self, keys: impl Into<Keys>) -> Self {
        self.keys = keys.into();
        self
    }

    /// Keeps what is on its way in this folder: some artifacts at a time. Default: the folder of the file for an export. For an
    /// import, the data folder, or the system's folder for temporary files if the store is not a folder.
    #[must_use]
    pub fn scratch(mut self, folder: impl Into<PathBuf>) -> Self {
        self.scratch = Some(folder.into());
        self
    }

    /// Tells this function how many bytes of payloads are done, and how many there are.
    #[must_use]
    pub fn progress(mut self, tell: impl Fn(u64, u64) + 'a) -> Self {
        self.progress = Some(Box::new(tell));
        self
    }

    /// Asks this function from time to time whether to stop.
    #[must_use]
    pub fn interrupt(mut self, is_interrupted: impl Fn() -> bool + 'a) -> Self {
        self.interrupt = Some(Box::new(is_interrupted));
        self
    }

    pub(super) fn scratch_or(&self, other: &Path) -> PathBuf {
        self.scratch.clone().unwrap_or_else(|| other.to_owned())
    }

    /// How to copy some artifacts, of which the dependencies are copied before.
    pub(super) fn copying(&self) -> CopyOptions<'_> {
        let options = CopyOptions::new().dependencies(false).keys(self.keys.clone());
        match &self.interrupt {
            Some(interrupt) => options.interrupt(interrupt),
            None => options,
        }
    }

    /// Tells how much is done, and then asks whether to stop.
    pub(super) fn tell(&self, done: u64, all: u64) -> Result<()> {
        if let Some(progress) = &self.progress {
            progress(done, all);
        }
        match &self.interrupt {
            Some(interrupt) if interrupt() => {
                Err(StoreError::new(StoreErrorKind::Interrupted, "it was interrupted by the caller").into())
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for ExchangeOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeOptions").field("scratch", &self.scratch).finish_non_exhaustive()
    }
}
