//! The log files of payload names, in the data folder.

use std::fs::{File, OpenOptions};
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
    file: Arc<File>,
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
        // A file that was removed would swallow the line. One that was renamed gets it, as with other loggers.
        if found.file.metadata().is_ok_and(|metadata| metadata.nlink() > 0) {
            let file = Arc::clone(&found.file);
            open.push(found);
            return Some(file);
        }
    }
    let path = folder.join(format!("{payload_name}.log"));
    // A link may lead out of the data folder, and a pipe's other end may never come.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let file = Arc::new(OpenOptions::new().append(true).create(true).custom_flags(flags).open(path).ok()?);
    // Accounts that share the folder share its logs.
    share_log(folder, &file);
    if open.len() >= MOST_OPEN {
        open.remove(0);
    }
    open.push(OpenFile { folder: folder.to_owned(), payload_name: payload_name.to_owned(), file: Arc::clone(&file) });
    Some(file)
}
