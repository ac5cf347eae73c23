//! Reading from web servers that can't send parts of a file.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use futures_util::StreamExt;
use object_store::{Error as StoreError, GetResult, ObjectMeta};

use crate::cloud::connect::Connected;
use crate::cloud::exchange::Exchange;
use crate::cloud::fault::Task;
use crate::cloud::root::Cloud;
use crate::cloud::words::path;
use crate::error::Error;
use crate::service::{Answer, Ended, Fault, Piece};
use crate::stop::Stop;

impl Cloud {
    /// Reads a part of an object: what comes before it is dropped, and what comes behind it is not waited for.
    pub(super) fn get_beginning(&self, stop: Stop<'_>, name: &str, range: &Range<u64>) -> Result<Answer, Fault> {
        let (mut bytes, mut offset) = (Vec::new(), 0);
        let mut take = |frame: &[u8]| {
            let end = offset + frame.len() as u64;
            let place = |at: u64| usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX).min(frame.len());
            bytes.extend_from_slice(frame.get(place(range.start)..place(range.end)).unwrap_or_default());
            offset = end;
            Ok(end < range.end)
        };
        let answer = self.stream(stop, name, &mut take)?;
        Ok(match answer {
            Answer::Found(piece) => Answer::Found(Piece { bytes, ..piece }),
            other => other,
        })
    }

    pub(super) fn copy_whole(&self, stop: Stop<'_>, name: &str, to: &File) -> Result<Answer, Fault> {
        let mut offset = 0;
        let mut take = |frame: &[u8]| {
            to.write_all_at(frame, offset)?;
            offset += frame.len() as u64;
            Ok(true)
        };
        let answer = self.stream(stop, name, &mut take)?;
        match &answer {
            Answer::Found(piece) if piece.size != offset => {
                Err(Fault::new(Ended::Passing, format!("{offset} bytes came where there are {}", piece.size)))
            }
            _ => Ok(answer),
        }
    }

    /// Reads an object as it comes, while `take` wants more.
    fn stream(
        &self,
        stop: Stop<'_>,
        name: &str,
        take: &mut (dyn FnMut(&[u8]) -> io::Result<bool> + Send),
    ) -> Result<Answer, Fault> {
        let path = path(name)?;
        let exchange = Exchange::default();
        let taken = self.run(
            stop,
            Task::Get,
            &exchange,
            |connected: Arc<Connected>| async move {
                let result = connected.objects.get_opts(&path, object_store::GetOptions::default()).await?;
                let meta = result.meta.clone();
                Ok(Some((hand_out(result, take).await?, meta)))
            },
            |heard| match heard.status?.as_u16() {
                404 | 410 if self.is_absent(heard) => Some(None),
                _ => None,
            },
        )?;
        let Some((taken, meta)): Option<(io::Result<()>, ObjectMeta)> = taken else { return Ok(Answer::Absent) };
        taken.map_err(|error| Error::local("write", error))?;
        let age = exchange.heard().age();
        Ok(Answer::Found(Piece { bytes: Vec::new(), size: meta.size, version: self.version_of(&meta)?, age }))
    }
}

async fn hand_out(
    result: GetResult,
    take: &mut (dyn FnMut(&[u8]) -> io::Result<bool> + Send),
) -> Result<io::Result<()>, StoreError> {
    let mut frames = result.into_stream();
    while let Some(frame) = frames.next().await {
        match take(&frame?) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(()))
}
