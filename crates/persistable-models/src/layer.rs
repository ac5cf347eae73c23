//! A medium over the real one that sees each operation before it is done, and does some of them otherwise.

use std::fmt;
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use persistable_store::medium::{Access, Medium, NameInFolder, System};

/// One operation, before it is done or after.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// The name of the function of [`Medium`].
    pub name: &'static str,
    /// The path that it is about.
    pub path: Option<&'a Path>,
    /// The path that it moves something to.
    pub to: Option<&'a Path>,
    /// The open file that it is about.
    pub file: Option<&'a File>,
}

/// The medium of a [`Layer`].
#[derive(Debug)]
pub struct Layered<L>(pub L);

/// Declares [`Layer`], whose functions do what the system does, and the medium that calls them after [`Layer::before`].
macro_rules! layer {
    ($($name:ident($($argument:ident: $kind:ty),*), path: $path:expr, to: $to:expr, file: $file:expr, -> $result:ty;)*) => {
        /// What differs from the system: by itself nothing does.
        #[allow(missing_docs, reason = "they are those of Medium")]
        pub trait Layer: fmt::Debug + Send + Sync {
            /// Called before each operation. Where it fails the operation is not done, and fails as well.
            ///
            /// # Errors
            ///
            /// Those that the operation is to fail with.
            fn before(&self, operation: Operation<'_>) -> io::Result<()>;

            /// Called after each operation that was done. Where it fails, the operation counts as failed.
            ///
            /// # Errors
            ///
            /// Those that the operation is to fail with.
            fn after(&self, operation: Operation<'_>) -> io::Result<()> {
                let _ = operation;
                Ok(())
            }

            $(fn $name(&self, $($argument: $kind),*) -> io::Result<$result> {
                System.$name($($argument),*)
            })*

            fn close(&self, file: File) {
                System.close(file);
            }

            fn lock_holder(&self, file: &File, offset: i64) -> Option<u32> {
                System.lock_holder(file, offset)
            }

            fn is_quicker_one_by_one(&self, folder: &File, files: usize) -> bool {
                System.is_quicker_one_by_one(folder, files)
            }
        }

        impl<L: Layer> Medium for Layered<L> {
            $(fn $name(&self, $($argument: $kind),*) -> io::Result<$result> {
                let operation = Operation { name: stringify!($name), path: $path, to: $to, file: $file };
                self.0.before(operation)?;
                let done = self.0.$name($($argument),*)?;
                self.0.after(operation)?;
                Ok(done)
            })*

            fn begin_to_sync(&self, file: &File, offset: u64, size_bytes: u64) {
                System.begin_to_sync(file, offset, size_bytes);
            }

            fn close(&self, file: File) {
                self.0.close(file);
            }

            fn lock_holder(&self, file: &File, offset: i64) -> Option<u32> {
                self.0.lock_holder(file, offset)
            }

            fn is_quicker_one_by_one(&self, folder: &File, files: usize) -> bool {
                self.0.is_quicker_one_by_one(folder, files)
            }
        }
    };
}

layer! {
    open(path: &Path), path: Some(path), to: None, file: None, -> File;
    open_lasting(path: &Path), path: Some(path), to: None, file: None, -> File;
    create(path: &Path), path: Some(path), to: None, file: None, -> File;
    create_unnamed(folder: &Path), path: Some(folder), to: None, file: None, -> File;
    name(file: &File, path: &Path), path: None, to: Some(path), file: Some(file), -> ();
    write(file: &File, bytes: &[u8]), path: None, to: None, file: Some(file), -> usize;
    metadata(path: &Path), path: Some(path), to: None, file: None, -> Metadata;
    followed_metadata(path: &Path), path: Some(path), to: None, file: None, -> Metadata;
    list(folder: &Path), path: Some(folder), to: None, file: None, -> Vec<NameInFolder>;
    create_folder(path: &Path, access: Access), path: Some(path), to: None, file: None, -> ();
    rename(from: &Path, to: &Path), path: Some(from), to: Some(to), file: None, -> ();
    rename_to_free(from: &Path, to: &Path), path: Some(from), to: Some(to), file: None, -> ();
    exchange(a: &Path, b: &Path), path: Some(a), to: Some(b), file: None, -> ();
    remove_file(path: &Path), path: Some(path), to: None, file: None, -> ();
    remove_folder(path: &Path), path: Some(path), to: None, file: None, -> ();
    remove_tree(path: &Path), path: Some(path), to: None, file: None, -> ();
    set_permissions(path: &Path, permissions: Permissions), path: Some(path), to: None, file: None, -> ();
    set_modified(file: &File, time: SystemTime), path: None, to: None, file: Some(file), -> ();
    check_writable(folder: &Path), path: Some(folder), to: None, file: None, -> ();
    write_back(file: &File, waits: bool), path: None, to: None, file: Some(file), -> ();
    sync_file(file: &File), path: None, to: None, file: Some(file), -> ();
    sync_folder(path: &Path), path: Some(path), to: None, file: None, -> ();
    open_to_sync_all(folder: &Path), path: Some(folder), to: None, file: None, -> Option<File>;
    sync_all(folder: &File), path: None, to: None, file: Some(folder), -> ();
    try_lock(file: &File, offset: i64), path: None, to: None, file: Some(file), -> bool;
    unlock(file: &File, offset: i64), path: None, to: None, file: Some(file), -> ();
}
