//! The operating system, as far as a folder store uses it by paths, syncs and locks.
//!
//! [`System`] is the real one. Models and fault tests wrap it: to let other threads run before each call, to count calls, to
//! make one fail, or to break a promise on purpose. What reads an open file, and nothing else, goes past it.

mod system;
#[cfg(target_os = "linux")]
mod watch;
#[cfg(target_os = "linux")]
mod write_back;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::fs::{File, FileType, Metadata, Permissions};
use std::io;
use std::path::Path;
use std::time::SystemTime;

pub use system::System;

/// An entry of a folder.
#[derive(Debug)]
#[non_exhaustive]
pub struct NameInFolder {
    /// Its name in the folder.
    pub name: OsString,
    /// What it is: links are not followed.
    pub kind: FileType,
}

/// The entries of a folder, read as they are asked for.
pub type Entries = Box<dyn Iterator<Item = io::Result<NameInFolder>>>;

/// A folder of which the system tells what changes in it.
pub trait WatchFolder: fmt::Debug + Send {
    /// Returns the names of all entries that were added, changed, moved or removed since the last call, or since the watch began.
    /// Whatever showed in the folder's times before the call is among them. `None` if the system can't tell all of them: then it
    /// can't tell later ones either.
    fn changed(&mut self) -> Option<BTreeSet<OsString>>;
}

/// Who may use a new folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As the process's mask says.
    Usual,
    /// This account alone.
    Private,
}

/// What a folder store asks of the operating system. Every function is one operation, which other processes see whole.
pub trait Medium: fmt::Debug + Send + Sync {
    /// Opens a file to read it, but not through a symbolic link, and without waiting for a pipe's other end.
    fn open(&self, path: &Path) -> io::Result<File>;

    /// Opens what a path leads to, through symbolic links, to read it, and without waiting for a pipe's other end.
    fn open_linked(&self, path: &Path) -> io::Result<File> {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
        std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
    }

    /// Opens a file to read and write it as it is, or creates it; but not through a symbolic link.
    fn open_lasting(&self, path: &Path) -> io::Result<File>;

    /// Creates a file that is not there yet. By its mode nobody else can ever write to it, whatever the process's mask says.
    fn create(&self, path: &Path) -> io::Result<File>;

    /// Creates a file that has no name yet, on the file system of a folder. Else it is as [`create`](Self::create) makes it.
    ///
    /// It fails where the system or the file system can't do that. Nothing is left of the file if it never gets a name.
    fn create_unnamed(&self, folder: &Path) -> io::Result<File>;

    /// Gives a file its name that was created without one, or fails with [`AlreadyExists`](io::ErrorKind::AlreadyExists).
    fn name(&self, file: &File, path: &Path) -> io::Result<()>;

    /// Appends bytes to a file that was created, and returns how many.
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize>;

    /// Closes a file of which bytes were locked, which drops all locks that this process has on that file.
    fn close(&self, file: File);

    /// Looks at a path. Links are not followed.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Looks at what a path leads to.
    fn followed_metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Lists a folder, in any order.
    fn list(&self, folder: &Path) -> io::Result<Vec<NameInFolder>>;

    /// Lists a folder that may have millions of entries, in any order.
    fn entries(&self, folder: &Path) -> io::Result<Entries> {
        Ok(Box::new(self.list(folder)?.into_iter().map(Ok)))
    }

    /// Begins to watch a folder; `None` where the system does not tell every change of it.
    fn watch(&self, folder: &Path) -> Option<Box<dyn WatchFolder>> {
        let _ = folder;
        None
    }

    /// Whether only this machine changes what is in a folder, so that its times show at once what was added or removed.
    fn is_local(&self, folder: &Path) -> bool {
        let _ = folder;
        true
    }

    /// Creates a folder in one that is there.
    fn create_folder(&self, path: &Path, access: Access) -> io::Result<()>;

    /// Moves a file or folder to a path, and replaces the file or the empty folder that is there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Moves a file or folder to a path where nothing is, or fails with [`AlreadyExists`](io::ErrorKind::AlreadyExists).
    ///
    /// Where the file system can't do that, it fails with [`InvalidInput`](io::ErrorKind::InvalidInput) or
    /// [`Unsupported`](io::ErrorKind::Unsupported).
    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Exchanges two entries in one step. Where the file system can't do that, it fails as
    /// [`rename_to_free`](Self::rename_to_free) does.
    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()>;

    /// Removes a file or a link.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder with all that is in it, without following links.
    fn remove_tree(&self, path: &Path) -> io::Result<()>;

    /// Sets who may use a file or a folder.
    fn set_permissions(&self, path: &Path, permissions: Permissions) -> io::Result<()>;

    /// Sets the group of a file or a folder. Links are not followed.
    fn set_group(&self, path: &Path, group: u32) -> io::Result<()> {
        std::os::unix::fs::lchown(path, None, Some(group))
    }

    /// Fails where this account may not read and write a file, or create files in a folder.
    fn check_usable(&self, path: &Path, is_folder: bool) -> io::Result<()> {
        use rustix::fs::{Access as Asked, AtFlags, CWD};
        let folder = if is_folder { Asked::EXEC_OK } else { Asked::READ_OK };
        Ok(rustix::fs::accessat(CWD, path, Asked::READ_OK | Asked::WRITE_OK | folder, AtFlags::EACCESS)?)
    }

    /// Sets when a file was last changed.
    fn set_modified(&self, file: &File, time: SystemTime) -> io::Result<()>;

    /// Fails where this account may not create files in a folder: by its mode, since it is mounted read-only, or immutable.
    fn check_writable(&self, folder: &Path) -> io::Result<()>;

    /// Makes the bytes of a file durable.
    fn sync_file(&self, file: &File) -> io::Result<()>;

    /// Makes the entries of a folder durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Opens a folder to make everything durable that is written to its file system from now on; `None` where the system or the
    /// file system is not known to do that.
    fn open_to_sync_all(&self, folder: &Path) -> io::Result<Option<File>> {
        let _ = folder;
        Ok(None)
    }

    /// Makes everything durable that was written to the file system of a folder since that was opened.
    fn sync_all(&self, folder: &File) -> io::Result<()> {
        folder.sync_all()
    }

    /// Returns whether it takes less time to sync so many small files one by one than to [sync all](Self::sync_all), since other
    /// programs wrote much, and whether the file system keeps the name of a file that was created without one and synced later.
    fn is_quicker_one_by_one(&self, folder: &File, files: usize) -> bool {
        let _ = (folder, files);
        false
    }

    /// Begins to write a part of a file to the disk that was just written to the file, without waiting for it. It is advice.
    fn begin_to_sync(&self, file: &File, offset: u64, size_bytes: u64);

    /// Begins to write the bytes of a file to the disk, or also waits until they are there, where the system can. The file is
    /// durable only when it is [synced](Self::sync_file). If several files are written back before the first one is synced,
    /// the file system may commit once for all of them.
    ///
    /// An error has to be reported, since the sync that follows may not tell of it again.
    fn write_back(&self, file: &File, waits: bool) -> io::Result<()> {
        let _ = (file, waits);
        Ok(())
    }

    /// Takes the exclusive lock of one byte of a file, which need not be there; `false` where another process has it.
    ///
    /// The lock belongs to the process and ends with it. Forked children do not inherit it. Within a process it excludes
    /// nobody.
    fn try_lock(&self, file: &File, offset: i64) -> io::Result<bool>;

    /// Lets go of the lock of a byte.
    fn unlock(&self, file: &File, offset: i64) -> io::Result<()>;

    /// Returns the id of the process that has the lock of a byte, where one of this machine has.
    fn lock_holder(&self, file: &File, offset: i64) -> Option<u32>;
}
