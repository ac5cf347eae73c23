//! A store over another one.

use std::fmt;
use std::fs::File;
use std::ops::{ControlFlow, Range};

use crate::can::Can;
use crate::error::Result;
use crate::objects::{Fetched, Got, ListedObject, Objects, Only, Put, UploadId, Version};

/// A store over another one, which does some verbs otherwise. Each verb is the other store's, unless it is given here. It is called
/// as `self.below().get(…)`.
///
/// ```
/// use persistable_objects::{Error, ErrorKind, Memory, Objects, Only, Over, Put, Result};
///
/// /// Takes no new objects.
/// #[derive(Debug)]
/// struct Closed(Memory);
///
/// impl Over for Closed {
///     fn below(&self) -> &dyn Objects {
///         &self.0
///     }
///
///     fn put(&self, _: &str, _: &[u8], _: &Only) -> Result<Put> {
///         Err(Error::new(ErrorKind::Denied, "it is closed"))
///     }
/// }
///
/// let store: &dyn Objects = &Closed(Memory::new());
/// assert!(store.put("a", b"1", &Only::Always).is_err());
/// ```
#[allow(missing_docs, clippy::missing_errors_doc, reason = "they are the verbs of Objects")]
pub trait Over: Send + Sync + fmt::Debug {
    /// Returns the other store.
    fn below(&self) -> &dyn Objects;

    fn location(&self) -> &str {
        self.below().location()
    }

    fn is_read_only(&self) -> bool {
        self.below().is_read_only()
    }

    fn can(&self) -> Result<Can> {
        self.below().can()
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> Result<Got> {
        self.below().get(name, unless)
    }

    fn get_range(&self, name: &str, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        self.below().get_range(name, range)
    }

    fn fetch(&self, name: &str, to: &File) -> Result<Option<Fetched>> {
        self.below().fetch(name, to)
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put> {
        self.below().put(name, bytes, only)
    }

    fn upload(
        &self,
        name: &str,
        file: &File,
        only: &Only,
        begun: &mut dyn FnMut(&UploadId) -> Result<()>,
    ) -> Result<Put> {
        self.below().upload(name, file, only, begun)
    }

    fn abort(&self, name: &str, upload: &UploadId) -> Result<()> {
        self.below().abort(name, upload)
    }

    fn delete(&self, names: &[&str]) -> Result<()> {
        self.below().delete(names)
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        each: &mut dyn FnMut(Vec<ListedObject>) -> ControlFlow<()>,
    ) -> Result<()> {
        self.below().list(prefix, after, each)
    }

    fn sweep(&self, folder: &str) -> Result<()> {
        self.below().sweep(folder)
    }

    fn clear(&self, prefix: &str) -> Result<()> {
        self.below().clear(prefix)
    }
}

impl<T: Over> Objects for T {
    fn location(&self) -> &str {
        Over::location(self)
    }

    fn is_read_only(&self) -> bool {
        Over::is_read_only(self)
    }

    fn can(&self) -> Result<Can> {
        Over::can(self)
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> Result<Got> {
        Over::get(self, name, unless)
    }

    fn get_range(&self, name: &str, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        Over::get_range(self, name, range)
    }

    fn fetch(&self, name: &str, to: &File) -> Result<Option<Fetched>> {
        Over::fetch(self, name, to)
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put> {
        Over::put(self, name, bytes, only)
    }

    fn upload(
        &self,
        name: &str,
        file: &File,
        only: &Only,
        begun: &mut dyn FnMut(&UploadId) -> Result<()>,
    ) -> Result<Put> {
        Over::upload(self, name, file, only, begun)
    }

    fn abort(&self, name: &str, upload: &UploadId) -> Result<()> {
        Over::abort(self, name, upload)
    }

    fn delete(&self, names: &[&str]) -> Result<()> {
        Over::delete(self, names)
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        each: &mut dyn FnMut(Vec<ListedObject>) -> ControlFlow<()>,
    ) -> Result<()> {
        Over::list(self, prefix, after, each)
    }

    fn sweep(&self, folder: &str) -> Result<()> {
        Over::sweep(self, folder)
    }

    fn clear(&self, prefix: &str) -> Result<()> {
        Over::clear(self, prefix)
    }
}
