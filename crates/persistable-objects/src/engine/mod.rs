//! What all kinds of services need: retries, second looks after lost answers, transfers in parts, the probe.

mod budget;
mod fetch;
mod listing;
mod parallel;
mod probe;
mod put;
mod retry;
mod upload;

use std::fs::File;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use bytes::Bytes;
use persistable_base::fork::Shared;

use crate::can::Can;
use crate::error::Result;
use crate::name;
use crate::objects::{Fetched, Got, ListedObject, Object, Objects, Only, Put, UploadId, Version};
use crate::policy::RetryPolicy;
use crate::service::{Answer, Ask, Piece, Service, Upload};
use crate::stop::{Interrupt, Stop};

/// A service, made a store.
#[derive(Debug)]
pub(crate) struct RemoteObjects {
    service: Box<dyn Service>,
    setup: Setup,
    /// What was probed.
    can: Shared<Option<Can>>,
}

/// What does not depend on the kind of service.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The URL without secrets.
    pub location: Arc<str>,
    /// What stands before each name: nothing, or a folder with its `/`.
    pub prefix: String,
    pub policy: RetryPolicy,
    pub interrupt: Interrupt,
    /// What the caller knows that the service can do.
    pub can: Option<Can>,
}

impl RemoteObjects {
    pub(crate) fn new(service: impl Service + 'static, setup: Setup) -> Self {
        let can = Shared::new(setup.can.or(service.about().can));
        Self { service: Box::new(service), setup, can }
    }

    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    fn stop(&self) -> Stop<'_> {
        Stop::of_caller(&self.setup.interrupt)
    }

    /// Runs one verb: checks the name, puts the prefix before it, and tells in an error what was being done to what.
    fn on<T>(&self, operation: &'static str, object: &str, act: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        name::check(object)
            .and_then(|()| act(&self.full(object)))
            .map_err(|error| error.at(&self.setup.location, operation, Some(object)))
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.setup.prefix)
    }

    /// Reads a whole object.
    fn read(&self, stop: Stop<'_>, full: &str, unless: Option<&Version>) -> Result<Got> {
        let ask = Ask { range: None, unless };
        let answer = self.attempts(stop, |stop| self.service.get(stop, full, &ask))?;
        Ok(match answer {
            Answer::Absent => Got::Absent,
            Answer::Same => Got::Same,
            Answer::Found(Piece { version, .. }) if unless == Some(&version) => Got::Same,
            Answer::Found(Piece { bytes, version, age, .. }) => Got::Found(Object { bytes, version, age }),
        })
    }
}

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
