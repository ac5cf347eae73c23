//! What a reader saw first, for faults that show it nothing else.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The first answers by path.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    opened: Mutex<BTreeMap<PathBuf, Option<File>>>,
    looked_at: Mutex<BTreeMap<PathBuf, Option<Metadata>>>,
}

impl Remembered {
    pub(super) fn forget_opened(&self) {
        self.opened.lock().unwrap().clear();
    }

    pub(super) fn open(&self, path: &Path, open: impl FnOnce() -> io::Result<File>) -> io::Result<File> {
        let mut opened = self.opened.lock().unwrap();
        match opened.get(path) {
            // A file of its own: two descriptors of one opening share where they read.
            Some(Some(file)) => File::open(format!("/proc/self/fd/{}", file.as_raw_fd())),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None => {
                let file = open();
                opened.insert(path.to_owned(), file.as_ref().ok().and_then(|file| file.try_clone().ok()));
                file
            }
        }
    }

    pub(super) fn look(&self, path: &Path, look: impl FnOnce() -> io::Result<Metadata>) -> io::Result<Metadata> {
        let mut looked_at = self.looked_at.lock().unwrap();
        match looked_at.get(path) {
            Some(Some(metadata)) => Ok(metadata.clone()),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None => {
                let metadata = look();
                looked_at.insert(path.to_owned(), metadata.as_ref().ok().cloned());
                metadata
            }
        }
    }
}
