//! A file system of fsspec's as object storage. `persistable._fsspec.Objects` calls the file system. It is called here.

use std::fs::File;
use std::ops::{ControlFlow, Range};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use persistable::ErrorKind as StepErrorKind;
use persistable::store::Digest;
use persistable::store::objects::{
    Can, Error, ErrorKind, Fetched, Got, ListedObject, Object, Objects, Only, Put, Result, UploadId, Version,
};
use pyo3::exceptions::{PyConnectionError, PyNotImplementedError, PyOSError, PyPermissionError, PyTimeoutError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::interrupts::is_of_the_thread;
use crate::once::intern;
use crate::waiting::{is_interrupted, note};

/// So many entries of a listing are handed over at once.
const BATCH: usize = 1000;

/// A file system. It has no conditions.
#[derive(Debug)]
pub(crate) struct FilesystemObjects {
    objects: Py<PyAny>,
    location: Arc<str>,
}

impl FilesystemObjects {
    pub(crate) fn new(objects: &Bound<'_, PyAny>) -> PyResult<Self> {
        let location: String = objects.getattr(intern!(objects.py(), "location"))?.extract()?;
        Ok(Self { objects: objects.clone().unbind(), location: location.into() })
    }

    /// Calls a method. Python code runs meanwhile, so an interrupt arrives as an exception.
    fn call<T>(
        &self,
        operation: &'static str,
        object: Option<&str>,
        call: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T> {
        if is_interrupted() {
            return Err(interrupted().at(&self.location, operation, object));
        }
        Python::attach(|py| {
            let objects = self.objects.bind(py);
            call(objects).map_err(|error| {
                if is_of_the_thread(py, &error) {
                    note(error);
                    return interrupted();
                }
                let told =
                    objects.call_method1(intern!(py, "told"), (error.value(py),)).and_then(|told| told.extract());
                let told: String = told.unwrap_or_else(|_| "the file system failed".to_owned());
                let kind = kind_of(py, &error);
                let may_help =
                    error.is_instance_of::<PyTimeoutError>(py) || error.is_instance_of::<PyConnectionError>(py);
                Error::new(kind, told).retryable(may_help).outcome_unknown(may_help && operation == "put")
            })
        })
        .map_err(|error| error.at(&self.location, operation, object))
    }

    fn refuse_condition(&self, name: &str, only: &Only) -> Result<()> {
        if *only == Only::Always {
            return Ok(());
        }
        let error = Error::new(ErrorKind::Unsupported, "a file system of fsspec's has no conditions");
        Err(error.at(&self.location, "put", Some(name)))
    }
}

fn bytes_of(found: &Bound<'_, PyAny>) -> PyResult<Option<Vec<u8>>> {
    if found.is_none() {
        return Ok(None);
    }
    Ok(Some(found.cast::<PyBytes>()?.as_bytes().to_vec()))
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted by the caller")
}

fn kind_of(py: Python<'_>, error: &PyErr) -> ErrorKind {
    if error.is_instance_of::<PyPermissionError>(py) {
        return ErrorKind::Denied;
    }
    if error.is_instance_of::<PyNotImplementedError>(py) {
        return ErrorKind::Unsupported;
    }
    if error.is_instance_of::<PyOSError>(py)
        && let Ok(number) = error.value(py).getattr(intern!(py, "errno")).and_then(|number| number.extract())
        && StepErrorKind::of_io(&std::io::Error::from_raw_os_error(number)) == Some(StepErrorKind::Full)
    {
        return ErrorKind::Full;
    }
    ErrorKind::Unavailable
}

fn version_of(bytes: &[u8]) -> Version {
    Version::new(Digest::of(bytes).to_string())
}

/// A version of a write whose bytes are not known here. It is never equal to another one.
fn fresh_version() -> Version {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    Version::new(format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)))
}

impl Objects for FilesystemObjects {
    fn location(&self) -> &str {
        &self.location
    }

    fn can(&self) -> Result<Can> {
        Ok(Can::default())
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> Result<Got> {
        let bytes = self.call("get", Some(name), |objects| {
            let found = objects.call_method1(intern!(objects.py(), "get"), (name,))?;
            bytes_of(&found)
        })?;
        let Some(bytes) = bytes else { return Ok(Got::Absent) };
        let version = version_of(&bytes);
        Ok(if unless == Some(&version) { Got::Same } else { Got::Found(Object { bytes, version, age: None }) })
    }

    fn get_range(&self, name: &str, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        self.call("get", Some(name), |objects| {
            let found = objects.call_method1(intern!(objects.py(), "get_range"), (name, range.start, range.end))?;
            bytes_of(&found)
        })
    }

    fn fetch(&self, name: &str, to: &File) -> Result<Option<Fetched>> {
        let size: Option<u64> = self.call("fetch", Some(name), |objects| {
            objects.call_method1(intern!(objects.py(), "fetch"), (name, to.as_raw_fd()))?.extract()
        })?;
        Ok(size.map(|size| Fetched { size, version: fresh_version() }))
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put> {
        self.refuse_condition(name, only)?;
        self.call("put", Some(name), |objects| {
            let py = objects.py();
            objects.call_method1(intern!(py, "put"), (name, PyBytes::new(py, bytes))).map(drop)
        })?;
        Ok(Put::Done(version_of(bytes)))
    }

    fn upload(&self, name: &str, file: &File, only: &Only, _: &mut dyn FnMut(&UploadId) -> Result<()>) -> Result<Put> {
        self.refuse_condition(name, only)?;
        self.call("put", Some(name), |objects| {
            objects.call_method1(intern!(objects.py(), "upload"), (name, file.as_raw_fd())).map(drop)
        })?;
        Ok(Put::Done(fresh_version()))
    }

    fn abort(&self, _: &str, _: &UploadId) -> Result<()> {
        Ok(()) // No upload has an id.
    }

    fn delete(&self, names: &[&str]) -> Result<()> {
        self.call("delete", names.first().copied(), |objects| {
            objects.call_method1(intern!(objects.py(), "delete"), (names.to_vec(),)).map(drop)
        })
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        each: &mut dyn FnMut(Vec<ListedObject>) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut found: Vec<(String, u64)> = self
            .call("list", None, |objects| objects.call_method1(intern!(objects.py(), "list"), (prefix,))?.extract())?;
        found.retain(|(name, _)| after.is_none_or(|after| name.as_str() > after));
        found.sort_unstable();
        let mut entries = found.into_iter().map(|(name, size)| ListedObject { name, size, age: None, tag: None });
        loop {
            let batch: Vec<ListedObject> = entries.by_ref().take(BATCH).collect();
            if batch.is_empty() || each(batch).is_break() {
                return Ok(());
            }
        }
    }
}
