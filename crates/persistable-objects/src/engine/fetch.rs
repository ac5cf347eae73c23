//! Reading ranges, and copying a large object into a local file by many of them.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use crate::engine::budget::room;
use crate::engine::parallel;
use crate::engine::root::RemoteObjects;
use crate::error::{Error, ErrorKind, Result};
use crate::objects::{Fetched, Got, Object, Version};
use crate::service::{Answer, Ask, Piece};
use crate::stop::Stop;

impl RemoteObjects {
    /// Reads a whole object.
    pub(super) fn read(&self, stop: Stop<'_>, full: &str, unless: Option<&Version>) -> Result<Got> {
        let ask = Ask { range: None, unless };
        let answer = self.attempts(stop, |stop| self.service.get(stop, full, &ask))?;
        Ok(match answer {
            Answer::Absent => Got::Absent,
            Answer::Same => Got::Same,
            Answer::Found(Piece { version, .. }) if unless == Some(&version) => Got::Same,
            Answer::Found(Piece { bytes, version, age, .. }) => Got::Found(Object { bytes, version, age }),
        })
    }

    /// Reads a range: exactly what the object has of it.
    pub(super) fn piece(&self, stop: Stop<'_>, full: &str, range: Range<u64>) -> Result<Option<Piece>> {
        if range.is_empty() {
            return Err(Error::invalid("an empty range can't be asked for"));
        }
        let ask = Ask { range: Some(range.clone()), unless: None };
        let Answer::Found(piece) = self.attempts(stop, |stop| self.service.get(stop, full, &ask))? else {
            return Ok(None);
        };
        let expected = range.end.min(piece.size).saturating_sub(range.start);
        if piece.bytes.len() as u64 != expected {
            let told = format!("{} bytes came where there are {expected}", piece.bytes.len());
            return Err(Error::new(ErrorKind::Unavailable, told).retryable(true));
        }
        Ok(Some(piece))
    }

    /// The first range tells how large the object is. The others must be of the same version.
    pub(super) fn fetch_ranges(&self, full: &str, to: &File) -> Result<Option<Fetched>> {
        let part = self.setup.policy.part_bytes;
        let first_room = room(self.stop(), part)?;
        let Some(first) = self.piece(self.stop(), full, 0..part)? else {
            return Ok(None);
        };
        let Piece { bytes, size, version, .. } = first;
        to.set_len(size).map_err(|error| Error::local("set the length of", error))?;
        write_at(to, &bytes, 0)?;
        drop(bytes);
        drop(first_room);
        if size > part && !self.service.has_ranges() {
            return self.fetch_whole(full, to);
        }
        let parts = usize::try_from(size.div_ceil(part).saturating_sub(1)).map_err(|_| too_large())?;
        parallel::each(self.stop(), self.setup.policy.concurrency, parts, |stop, index| {
            let begin = (index as u64 + 1) * part;
            let range = begin..size.min(begin + part);
            let _room = room(stop, range.end - begin)?;
            match self.piece(stop, full, range)? {
                Some(piece) if piece.version == version => write_at(to, &piece.bytes, begin),
                _ => Err(Error::new(ErrorKind::Unavailable, "it was replaced while it was fetched").retryable(true)),
            }
        })?;
        Ok(Some(Fetched { size, version }))
    }

    fn fetch_whole(&self, full: &str, to: &File) -> Result<Option<Fetched>> {
        let stop = self.stop();
        Ok(match self.attempts(stop, |stop| self.service.copy(stop, full, to))? {
            Answer::Found(Piece { size, version, .. }) => Some(Fetched { size, version }),
            Answer::Absent | Answer::Same => None,
        })
    }
}

fn write_at(to: &File, bytes: &[u8], offset: u64) -> Result<()> {
    to.write_all_at(bytes, offset).map_err(|error| Error::local("write", error))
}

fn too_large() -> Error {
    Error::unsupported("it is too large for this machine")
}
