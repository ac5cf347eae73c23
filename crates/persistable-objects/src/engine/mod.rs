//! What all kinds of services need: retries, second looks after lost answers, transfers in parts, the probe.

mod budget;
mod conditional;
mod fetch;
mod listing;
mod parallel;
mod probe;
mod put;
mod retry;
mod root;
mod upload;

use std::fs::File;
use std::ops::{ControlFlow, Range};

use bytes::Bytes;

use crate::can::Can;
use crate::error::Result;
use crate::objects::{Fetched, Got, ListedObject, Objects, Only, Put, UploadId, Version};
use crate::service::Upload;

pub(crate) use root::{RemoteObjects, Setup};

impl Objects for RemoteObjects {
    fn location(&self) -> &str {
        &self.setup.location
    }

    fn is_read_only(&self) -> bool {
        self.service.is_read_only()
    }

    fn can(&self) -> Result<Can> {
        self.probed(self.stop()).map_err(|error| error.at(&self.setup.location, "probe the store", None))
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> Result<Got> {
        self.on("get", name, |full| self.read(self.stop(), full, unless))
    }

    fn get_range(&self, name: &str, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        self.on("get", name, |full| {
            let piece = self.piece(self.stop(), full, range)?;
            Ok(piece.map(|piece| piece.bytes))
        })
    }

    fn fetch(&self, name: &str, to: &File) -> Result<Option<Fetched>> {
        self.on("fetch", name, |full| self.fetch_ranges(full, to))
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put> {
        self.on("put", name, |full| self.put_bytes(self.stop(), full, Bytes::copy_from_slice(bytes), only))
    }

    fn upload(
        &self,
        name: &str,
        file: &File,
        only: &Only,
        begun: &mut dyn FnMut(&UploadId) -> Result<()>,
    ) -> Result<Put> {
        self.on("upload", name, |full| self.upload_file(full, file, only, begun))
    }

    fn abort(&self, name: &str, id: &UploadId) -> Result<()> {
        self.on("abort the upload of", name, |full| {
            self.attempts(self.stop(), |stop| self.service.abort(stop, Upload { name: full, id }))
        })
    }

    fn delete(&self, names: &[&str]) -> Result<()> {
        self.delete_all(names)
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        each: &mut dyn FnMut(Vec<ListedObject>) -> ControlFlow<()>,
    ) -> Result<()> {
        self.list_pages(prefix, after, each)
            .map_err(|error| error.at(&self.setup.location, "list", (!prefix.is_empty()).then_some(prefix)))
    }

    fn sweep(&self, folder: &str) -> Result<()> {
        let full = self.full(folder);
        self.attempts(self.stop(), |stop| self.service.sweep(stop, &full))
            .map_err(|error| error.at(&self.setup.location, "clean up", None))
    }

    fn clear(&self, prefix: &str) -> Result<()> {
        let full = self.full(prefix);
        self.attempts(self.stop(), |stop| self.service.clear(stop, &full))
            .map_err(|error| error.at(&self.setup.location, "clean up", None))
    }
}
