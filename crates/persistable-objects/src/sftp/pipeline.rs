//! Reading and writing with several requests under way, so that a long line is used well.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use russh_sftp::client::error::Error;
use russh_sftp::protocol::StatusCode;
use tokio::task::JoinSet;

use crate::sftp::fault::status;
use crate::sftp::link::Link;

/// How many requests of one transfer are under way.
const WINDOW: usize = 16;

/// Writes all bytes from an offset on.
pub(super) async fn write(link: &Arc<Link>, handle: &str, offset: u64, mut bytes: Bytes) -> Result<(), Error> {
    let mut under_way = JoinSet::new();
    let mut offset = offset;
    while !bytes.is_empty() {
        if under_way.len() >= WINDOW {
            next(&mut under_way).await?;
        }
        let chunk = bytes.split_to(bytes.len().min(link.write_bytes));
        let (link, handle, at) = (Arc::clone(link), handle.to_owned(), offset);
        offset += chunk.len() as u64;
        under_way.spawn(async move {
            link.session.write(handle, at, chunk.to_vec()).await?;
            link.last_byte.note();
            Ok(())
        });
    }
    while !under_way.is_empty() {
        next(&mut under_way).await?;
    }
    Ok(())
}

/// Reads a range, which the file has.
pub(super) async fn read(link: &Arc<Link>, handle: &str, range: Range<u64>) -> Result<Vec<u8>, Error> {
    let length =
        usize::try_from(range.end - range.start).map_err(|_| Error::Limited("the file is too large".into()))?;
    let mut bytes = vec![0; length];
    let mut under_way = JoinSet::new();
    let mut at = range.start;
    while at < range.end || !under_way.is_empty() {
        if at < range.end && under_way.len() < WINDOW {
            let chunk = u64::from(link.read_bytes).min(range.end - at);
            let (link, handle, begin) = (Arc::clone(link), handle.to_owned(), at);
            at += chunk;
            under_way.spawn(async move { Ok((begin, chunk_of(&link, &handle, begin, chunk).await?)) });
            continue;
        }
        let (begin, chunk) = next(&mut under_way).await?;
        let place = usize::try_from(begin - range.start).unwrap_or(usize::MAX);
        if let Some(to) = bytes.get_mut(place..).and_then(|rest| rest.get_mut(..chunk.len())) {
            to.copy_from_slice(&chunk);
        }
    }
    Ok(bytes)
}

/// Reads a chunk. A server may answer with less than was asked for.
async fn chunk_of(link: &Link, handle: &str, begin: u64, length: u64) -> Result<Vec<u8>, Error> {
    let mut bytes: Vec<u8> = Vec::new();
    while (bytes.len() as u64) < length {
        let rest = u32::try_from(length - bytes.len() as u64).unwrap_or(link.read_bytes);
        match link.session.read(handle, begin + bytes.len() as u64, rest).await {
            Ok(data) if !data.data.is_empty() => bytes.extend_from_slice(&data.data),
            Err(error) if status(&error) != Some(StatusCode::Eof) => return Err(error),
            Ok(_) | Err(_) => return Err(Error::IO("the file became shorter while it was read".into())),
        }
        link.last_byte.note();
    }
    Ok(bytes)
}

async fn next<T: 'static>(under_way: &mut JoinSet<Result<T, Error>>) -> Result<T, Error> {
    match under_way.join_next().await {
        Some(Ok(done)) => done,
        Some(Err(_)) | None => Err(Error::IO("a request ended without an answer".into())),
    }
}
