//! A payload that was found, to be read in one of four ways.

use std::path::{Path, PathBuf};

use super::bytes::{PayloadBytes, PrivateBytes};
use super::request::{Payload, PayloadRequest};
use crate::error::{Error, ErrorKind, Result};
use crate::format::PayloadRecord;
use crate::location::Location;

/// A persisted payload, ready to be read as [bytes](Self::bytes), [mapped](Self::map), [mapped privately](Self::map_private)
/// or by its [path](Self::path).
///
/// Whichever way it is read, what is handed out was compared with the digest in the manifest, as far as
/// [`Verification`](crate::Verification) asks for.
#[derive(Debug)]
pub struct StoredPayload {
    request: PayloadRequest,
    payload: Box<dyn Payload>,
    withheld: Option<Withheld>,
    is_read_by_path: bool,
    path: Option<PathBuf>,
}

#[derive(Debug)]
struct Withheld {
    kind: ErrorKind,
    location: Location,
    message: String,
    advice: Option<String>,
}

impl StoredPayload {
    pub(crate) fn new(request: PayloadRequest, payload: Box<dyn Payload>) -> Self {
        Self { request, payload, withheld: None, is_read_by_path: false, path: None }
    }

    /// Returns what the manifest says of the payload.
    #[must_use]
    pub fn record(&self) -> &PayloadRecord {
        &self.request.record
    }

    /// Returns why the payload was not handed out, also when the reader swallowed the error: damage, or lack of trust.
    #[must_use]
    pub fn refusal(&self) -> Option<Error> {
        let Withheld { kind, location, message, advice } = self.withheld.as_ref()?;
        let error = Error::new(*kind, message.clone()).at(location);
        Some(match advice {
            Some(advice) => error.advise(advice.clone()),
            None => error,
        })
    }

    /// Returns whether [`path`](Self::path) was asked for, and what is there may have been replaced: what was read by it has to be
    /// looked at once more.
    #[must_use]
    pub fn is_read_by_path(&self) -> bool {
        self.is_read_by_path
    }

    /// Returns the payload's bytes, to be decoded now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when they are not what was committed, [`ErrorKind::InvalidPayload`] when the payload is a
    /// folder, and the errors of reading.
    pub fn bytes(&mut self) -> Result<PayloadBytes> {
        self.read(|payload, request| payload.bytes(request, false))
    }

    /// Returns the payload's bytes, to be used as they lie in the file: mapped into memory where the store is a folder.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn map(&mut self) -> Result<PayloadBytes> {
        self.read(|payload, request| payload.bytes(request, true))
    }

    /// Returns the payload's bytes, to be used and also written to: mapped copy-on-write where the store is a folder and
    /// the file is not small. The file stays as it is.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn map_private(&mut self) -> Result<PrivateBytes> {
        self.read(|payload, request| payload.private_bytes(request))
    }

    /// Returns the path of the payload's file or folder, or of a copy that ends with this value. It has to be left as it is.
    ///
    /// The payload may be replaced between this check and the reading of the path, or amid the files of a folder. So a
    /// reader by path asks [`Artifact::may_have_changed`](crate::Artifact::may_have_changed) when it has read everything,
    /// and begins again with looking the artifact up where it may.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when what is there is not what was committed, and the errors of reading.
    pub fn path(&mut self) -> Result<&Path> {
        self.is_read_by_path = self.payload.may_path_change();
        let path = self.payload.path(&self.request).map_err(|error| self.noted(error))?;
        Ok(self.path.insert(path))
    }

    fn read<B>(&mut self, read: impl FnOnce(&dyn Payload, &PayloadRequest) -> Result<B>) -> Result<B> {
        let read = match self.request.record.files {
            None => read(&*self.payload, &self.request),
            Some(_) => Err(self.refuse_folder()),
        };
        read.map_err(|error| self.noted(error))
    }

    /// Says why a payload that is a folder, or should be one, is not read as bytes.
    fn refuse_folder(&self) -> Error {
        self.payload.check_is_folder().err().unwrap_or_else(|| {
            let message = format!("{} is a folder: it is read by its path, not as bytes", self.request.record.file);
            Error::new(ErrorKind::InvalidPayload, message)
        })
    }

    /// Keeps in mind why the payload was refused, for readers that swallow errors.
    fn noted(&mut self, error: Error) -> Error {
        let error = if error.kind() == ErrorKind::Untrusted { self.damage_or(error) } else { error };
        if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Untrusted) {
            let location = error.location().cloned();
            let location = location.unwrap_or_else(|| Location::Name(self.request.record.file.clone()));
            let (message, advice) = (error.message().to_owned(), error.advice().map(str::to_owned));
            self.withheld = Some(Withheld { kind: error.kind(), location, message, advice });
        }
        error
    }

    /// What nobody is to trust may be damaged as well. That is what matters then: there is nothing that could be kept.
    fn damage_or(&self, untrusted: Error) -> Error {
        match self.payload.find_damage(&self.request) {
            Err(error) if error.kind() == ErrorKind::Damaged => error,
            _ => untrusted,
        }
    }
}
