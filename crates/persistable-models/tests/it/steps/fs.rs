//! The functions of `std::fs` by path, each a step.

use std::fs::{self, DirEntry, Permissions};
use std::io;
use std::path::Path;

/// What is opened is opened by functions of `os.rs`, which are steps; on open files, no operation is one.
pub(crate) use std::fs::{File, Metadata};

use super::step;

macro_rules! steps {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {$(
        pub(crate) fn $name($($argument: $kind),*) -> io::Result<$result> {
            step()?;
            fs::$name($($argument),*)
        }
    )*};
}

steps! {
    create_dir(path: impl AsRef<Path>) -> ();
    create_dir_all(path: impl AsRef<Path>) -> ();
    metadata(path: impl AsRef<Path>) -> Metadata;
    read(path: impl AsRef<Path>) -> Vec<u8>;
    remove_dir(path: impl AsRef<Path>) -> ();
    remove_file(path: impl AsRef<Path>) -> ();
    rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> ();
    set_permissions(path: impl AsRef<Path>, permissions: Permissions) -> ();
    symlink_metadata(path: impl AsRef<Path>) -> Metadata;
}

/// Lists a folder in an order that does not differ from run to run.
pub(crate) fn read_dir(path: impl AsRef<Path>) -> io::Result<impl Iterator<Item = io::Result<DirEntry>>> {
    step()?;
    let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries.into_iter().map(Ok))
}

/// Creates the file, and then writes it.
pub(crate) fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    step()?;
    fs::write(&path, b"")?;
    step()?;
    fs::write(path, bytes)
}

/// Removes files one by one.
pub(crate) fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    for entry in read_dir(&path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { remove_dir_all(entry.path())? } else { remove_file(entry.path())? }
    }
    remove_dir(path)
}

/// What the store must never do.
pub(crate) fn write_over(from: &Path, to: &Path) -> io::Result<()> {
    let bytes = read(from)?;
    write(to, bytes)?;
    remove_file(from)
}
