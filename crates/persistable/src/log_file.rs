//! The log files of payload names, in the data folder.

use std::fs::{self, File, Metadata, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persistable_base::fork::Table;
use persistable_store::share_log;
use rustix::fs::OFlags;

/// So many log files stay open, whatever the number of payload names.
const MOST_OPEN: usize = 16;

struct OpenFile {
    folder: PathBuf,
    payload_name: String,
    path: PathBuf,
    file: Arc<File>,
    /// Which file and which folder these are: others may come to their places.
    file_id: Option<Id>,
    folder_id: Option<Id>,
}

/// The device and the inode of a file or folder.
type Id = (u64, u64);

fn id_of(metadata: &Metadata) -> Id {
    (metadata.dev(), metadata.ino())
}

impl OpenFile {
    /// Whether lines still belong here. A file that was removed would swallow them. If another folder is at the path of the
    /// folder, they belong there. A file that was renamed gets them, as with other loggers.
    fn is_current(&self) -> bool {
        let there = fs::symlink_metadata(&self.path).ok().as_ref().map(id_of);
        if there.is_some() && there == self.file_id {
            return true;
        }
        self.file.metadata().is_ok_and(|metadata| metadata.nlink() > 0)
            && fs::metadata(&self.folder).ok().as_ref().map(id_of) == self.folder_id
    }
}

/// The last used log files, the latest last.
static OPEN: Table<Vec<OpenFile>> = Table::new(Vec::new());

/// Returns the log file of a payload name, open for appending; `None` where it can't be written.
pub(crate) fn log_file(folder: &Path, payload_name: &str) -> Option<Arc<File>> {
    // Paths are compared as they are spelt: comparing them by their components takes longer than writing the line.
    let is_it = |open: &OpenFile| open.payload_name == payload_name && open.folder.as_os_str() == folder.as_os_str();
    let mut open = OPEN.lock();
    if let Some(index) = open.iter().rposition(is_it) {
        let found = open.remove(index);
        if found.is_current() {
            let file = Arc::clone(&found.file);
            open.push(found);
            return Some(file);
        }
    }
    let path = folder.join(format!("{payload_name}.log"));
    // A link may lead out of the data folder, and a pipe's other end may never come.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let folder_id = fs::metadata(folder).ok().as_ref().map(id_of);
    let file = Arc::new(OpenOptions::new().append(true).create(true).custom_flags(flags).open(&path).ok()?);
    let file_id = file.metadata().ok().as_ref().map(id_of);
    // Accounts that share the folder share its logs.
    share_log(folder, &file);
    if open.len() >= MOST_OPEN {
        open.remove(0);
    }
    let (folder, payload_name) = (folder.to_owned(), payload_name.to_owned());
    open.push(OpenFile { folder, payload_name, path, file: Arc::clone(&file), file_id, folder_id });
    Some(file)
}
