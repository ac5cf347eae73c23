//! Putting a local file, in parts if it is large.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::engine::budget::room;
use crate::engine::parallel;
use crate::engine::retry::Tries;
use crate::engine::root::RemoteObjects;
use crate::error::{Error, Result};
use crate::objects::{Only, Put, UploadId};
use crate::service::{Condition, Ended, Part, Piece, Upload};
use crate::stop::Stop;

/// If the caller interrupts an upload, its abort takes at most this long.
const LONGEST_ABORT: Duration = Duration::from_secs(3);
/// What S3 takes at most.
const MOST_PARTS: u64 = 10_000;

impl RemoteObjects {
    pub(super) fn upload_file(
        &self,
        full: &str,
        file: &File,
        only: &Only,
        begun: &mut dyn FnMut(&UploadId) -> Result<()>,
    ) -> Result<Put> {
        let stop = self.stop();
        let metadata = file.metadata().map_err(|error| Error::local("look at", error))?;
        let size = metadata.len();
        if size <= self.setup.policy.part_bytes {
            let _room = room(stop, size)?;
            return self.put_bytes(stop, full, read_at(file, 0, size)?.into(), only);
        }
        let condition = self.condition(stop, only)?;
        if condition != Condition::None && !self.service.about().finishes_on_condition {
            let message = "this store can't put a file of more than one part on a condition";
            return Err(Error::unsupported(message).advise("Put it under a fresh name, without a condition"));
        }
        let id = self.attempts(stop, |stop| self.service.begin(stop, full))?;
        let upload = Upload { name: full, id: &id };
        let put = begun(&id).and_then(|()| self.send_parts(stop, upload, file, size)).and_then(|parts| {
            self.finish(stop, upload, &parts, condition, |stop| self.holds_file(stop, full, file, size))
        });
        if !matches!(put, Ok(Put::Done(_))) {
            self.abort_quietly(upload, &put);
        }
        put
    }

    /// Sends all parts, and returns the service's words for them.
    fn send_parts(&self, stop: Stop<'_>, upload: Upload<'_>, file: &File, size: u64) -> Result<Vec<String>> {
        // Parts have one size. Only a file of more than 80 GB needs larger ones.
        let part = self.setup.policy.part_bytes.max(size.div_ceil(MOST_PARTS));
        let count = usize::try_from(size.div_ceil(part)).map_err(|_| Error::unsupported("the file is too large"))?;
        let sent = Mutex::new(vec![String::new(); count]);
        parallel::each(stop, self.setup.policy.concurrency, count, |stop, index| {
            let offset = index as u64 * part;
            let _room = room(stop, part.min(size - offset))?;
            let bytes = Bytes::from(read_at(file, offset, part.min(size - offset))?);
            let part = Part { index, offset };
            let word = self.attempts(stop, |stop| self.service.part(stop, upload, part, bytes.clone()))?;
            let mut sent = sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(place) = sent.get_mut(index) {
                *place = word;
            }
            Ok(())
        })?;
        Ok(sent.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Makes an object of the parts. If the answer is lost, the object is compared with the file: then this upload made it.
    fn finish(
        &self,
        stop: Stop<'_>,
        upload: Upload<'_>,
        parts: &[String],
        condition: Condition<'_>,
        is_there: impl Fn(Stop<'_>) -> Result<Option<Put>>,
    ) -> Result<Put> {
        let mut tries = Tries::new(&self.setup);
        loop {
            let fault = match self.service.finish(stop, upload, parts, condition) {
                Ok(version) => return Ok(Put::Done(version)),
                Err(fault) => fault,
            };
            if tries.may_have_landed()
                && matches!(fault.ended, Ended::Lost | Ended::Refused)
                && let Some(done) = is_there(stop)?
            {
                return Ok(done);
            }
            match fault.ended {
                Ended::Refused if condition != Condition::None => return Ok(Put::Refused(None)),
                Ended::Lost => return Err(fault.into_error().outcome_unknown(tries.may_have_landed())),
                _ => tries.again(stop, fault)?,
            }
        }
    }

    /// Tells whether an object holds just what is in the file.
    fn holds_file(&self, stop: Stop<'_>, full: &str, file: &File, size: u64) -> Result<Option<Put>> {
        let part = self.setup.policy.part_bytes;
        let mut offset = 0;
        loop {
            let end = size.min(offset + part);
            let Some(Piece { bytes, size: found, version, .. }) = self.piece(stop, full, offset..end)? else {
                return Ok(None);
            };
            if found != size || bytes != read_at(file, offset, end - offset)? {
                return Ok(None);
            }
            offset = end;
            if offset == size {
                return Ok(Some(Put::Done(version)));
            }
        }
    }

    /// Deletes the parts. The error before tells more than one from here. If the finish may have happened, there is nothing to
    /// delete, or the successor does it.
    fn abort_quietly(&self, upload: Upload<'_>, put: &Result<Put>) {
        if matches!(put, Err(error) if error.is_outcome_unknown()) {
            return;
        }
        let _ = self.service.abort(Stop::Until(Instant::now() + LONGEST_ABORT), upload);
    }
}

fn read_at(file: &File, offset: u64, length: u64) -> Result<Vec<u8>> {
    let length = usize::try_from(length).map_err(|_| Error::unsupported("the file is too large"))?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset).map_err(|error| Error::local("read", error))?;
    Ok(bytes)
}
