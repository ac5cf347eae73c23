//! What a reader saw of a payload since it read the manifest, for faults that show it nothing else.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The payloads of a manifest that is being replaced.
const PAYLOADS: usize = 2;

/// What is remembered until a manifest is read again.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// The inode of the manifest that was read last.
    manifest: Mutex<Option<u64>>,
    /// What was opened, in this order; none where there was nothing.
    opened: Mutex<Vec<Option<File>>>,
    folder: Mutex<Option<File>>,
    /// What was looked at last, and not opened since.
    looked_at: Mutex<Option<PathBuf>>,
}

impl Remembered {
    /// A manifest is read: a folder is forgotten if it is another one than before.
    pub(super) fn note_manifest(&self, file: &File) {
        self.opened.lock().unwrap().clear();
        let inode = file.metadata().ok().map(|metadata| metadata.ino());
        if self.manifest.lock().unwrap().replace(inode.unwrap_or_default()) != inode {
            *self.folder.lock().unwrap() = None;
        }
    }

    pub(super) fn note_look(&self, path: &Path) {
        *self.looked_at.lock().unwrap() = Some(path.to_owned());
    }

    /// Whether a path was looked at just before: then it is opened to see what is damaged, and not to read a payload.
    pub(super) fn is_looked_at(&self, path: &Path) -> bool {
        self.looked_at.lock().unwrap().take().is_some_and(|looked_at| looked_at == path)
    }

    /// Opens a payload; after the first round what was opened in it.
    pub(super) fn open(&self, open: impl FnOnce() -> io::Result<File>) -> io::Result<File> {
        let mut opened = self.opened.lock().unwrap();
        let again = opened.len().checked_sub(PAYLOADS).and_then(|first| opened.get(first));
        let file = match again {
            // A file of its own: two descriptors of one opening share where they read.
            Some(Some(file)) => File::open(path_of(file)),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None => open(),
        };
        opened.push(file.as_ref().ok().and_then(|file| file.try_clone().ok()));
        file
    }

    /// Returns by which path to reach what was at a path, in a payload that is a folder, when that was first looked at.
    pub(super) fn path(&self, payload: &Path, path: &Path) -> PathBuf {
        let mut folder = self.folder.lock().unwrap();
        if folder.is_none() {
            *folder = File::open(payload).ok().filter(|file| file.metadata().is_ok_and(|metadata| metadata.is_dir()));
        }
        match (&*folder, path.strip_prefix(payload)) {
            (Some(folder), Ok(below)) => path_of(folder).join(".").join(below),
            _ => path.to_owned(),
        }
    }
}

fn path_of(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}
