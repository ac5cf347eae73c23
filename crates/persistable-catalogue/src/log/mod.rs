//! What happened in a store, as the log files of all its steps tell.

mod entry;
mod filter;
mod lines;
mod note;
mod tail;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use persistable_store::Store;

pub use entry::{Happening, LogEntry, LogLevel};
pub use filter::LogFilter;

use crate::error::{Error, ErrorKind, Result};
use lines::read_lines;
pub(crate) use note::note;

/// The log files of all steps of a store, read as one.
///
/// ```no_run
/// use persistable_catalogue::{Log, LogFilter};
/// use persistable_store::Store;
///
/// let mut log = Log::of(&Store::open("data")?)?;
/// let filter = LogFilter::new().step("points");
/// for entry in log.last(20, &filter)? {
///     println!("{} {}", entry.name, entry.message);
/// }
/// // Later: what was added since.
/// let new = log.added(&filter)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    read_up_to: BTreeMap<PathBuf, ReadUpTo>,
}

/// How far a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadUpTo {
    pub(crate) inode: u64,
    pub(crate) offset: u64,
}

impl Log {
    /// Opens the log files of a store. Nothing counts as read yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the store has no log files, as those in memory.
    pub fn of(store: &Store) -> Result<Self> {
        let Some(folder) = store.log_folder() else {
            let error = Error::new(ErrorKind::NotFound, format!("{} keeps no log", store.location()));
            return Err(error.advise("Open it with a folder for logs, and look there"));
        };
        Ok(Self { folder: folder.to_owned(), read_up_to: BTreeMap::new() })
    }

    /// Whether there is a log of a step, also of one that has no artifact, or none any more.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        !name.contains('/') && self.folder.join(format!("{name}.log")).is_file()
    }

    /// Returns the last entries that a filter selects, over all files, in the order of time. All of the log counts as read then.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn last(&mut self, most: usize, filter: &LogFilter) -> Result<Vec<LogEntry>> {
        let mut found = Vec::new();
        for path in self.files()? {
            let Some(mut file) = open(&path)? else { continue };
            let metadata = file.metadata().map_err(|error| unread(&path, error))?;
            let read = tail::last(&mut file, metadata.len(), most, filter).map_err(|error| unread(&path, error))?;
            self.read_up_to.insert(path, ReadUpTo { inode: metadata.ino(), offset: read.end });
            found.extend(read.entries);
        }
        found.sort_by_key(|entry| entry.at);
        Ok(found.split_off(found.len().saturating_sub(most)))
    }

    /// Returns the entries that were added since the last call, in the order of time. At first, these are all.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn added(&mut self, filter: &LogFilter) -> Result<Vec<LogEntry>> {
        let mut found = Vec::new();
        self.each_added(&mut |entry| {
            if filter.selects(&entry) {
                found.push(entry);
            }
        })?;
        found.sort_by_key(|entry| entry.at);
        Ok(found)
    }

    /// Tells of each entry that was added since the last call, file by file.
    pub(crate) fn each_added(&mut self, tell: &mut dyn FnMut(LogEntry)) -> Result<()> {
        for path in self.files()? {
            let Some(mut file) = open(&path)? else { continue };
            let metadata = file.metadata().map_err(|error| unread(&path, error))?;
            let known = self.read_up_to.get(&path).copied();
            // Another file at the path, or one that was emptied, is read from its beginning.
            let is_same = |read: &ReadUpTo| read.inode == metadata.ino() && read.offset <= metadata.len();
            let begin = known.filter(is_same).map_or(0, |read| read.offset);
            let end = read_lines(&mut file, begin, metadata.len(), tell).map_err(|error| unread(&path, error))?;
            self.read_up_to.insert(path, ReadUpTo { inode: metadata.ino(), offset: end });
        }
        Ok(())
    }

    /// How far each file was read, by its name.
    pub(crate) fn read_up_to(&self) -> impl Iterator<Item = (&str, ReadUpTo)> {
        self.read_up_to.iter().filter_map(|(path, read)| Some((path.file_name()?.to_str()?, *read)))
    }

    /// Says how far a file was read.
    pub(crate) fn set_read_up_to(&mut self, name: &str, read: ReadUpTo) {
        self.read_up_to.insert(self.folder.join(name), read);
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| unread(&self.folder, error))?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unread(&self.folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == "log") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Opens a log file; `None` if it is gone by now, or if it is not a file.
fn open(path: &Path) -> Result<Option<File>> {
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some).map_err(|error| unread(path, error)),
    }
}

fn unread(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Store, format!("the log can't be read: {}", path.display())).caused_by(error)
}
