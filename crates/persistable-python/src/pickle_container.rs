//! Where the pickle stream and the buffers lie in a file, as spec/pickle-v1.md defines it.

use std::collections::HashSet;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffer::Buffer;

/// Its last byte is not that of the opcode STOP, with which every pickle ends.
const MAGIC: &[u8] = b"\x89PKLBUF\n";
const STOP: u8 = b'.';
const VERSION: u32 = 1;
const ALIGNMENT: u64 = 64;
const ENTRY_BYTES: u64 = 24;
/// The length of the stream, the offset of the index, the number of buffers, the version; the checksum, the magic.
const TRAILER_BYTES: usize = 40;
const CHECKED_BYTES: usize = 28;
const READ_ONLY: u64 = 1;

/// Where a buffer begins, how long it is, and whether it was read-only.
type BufferRange = (u64, u64, bool);

/// Finds the end of the stream and the buffers of a file; `None` for a plain pickle.
///
/// What is wrong with a file is a `ValueError`. Nothing is believed before its checksum is right, and nothing is allocated by it:
/// the index has to fill what lies between.
#[pyfunction]
pub(crate) fn pickle_parts(file: &Bound<'_, PyAny>) -> PyResult<Option<(u64, Vec<BufferRange>)>> {
    let buffer = Buffer::of(file)?;
    let file = buffer.as_bytes();
    if !file.ends_with(MAGIC) {
        let problem = match file.last() {
            Some(&STOP) => return Ok(None),
            Some(_) => "it ends neither as a pickle does nor with buffers behind one",
            None => "it is empty",
        };
        return Err(PyValueError::new_err(problem));
    }
    parts(file).map(Some).map_err(PyValueError::new_err)
}

/// Returns the end of a file: the index of its buffers, and the trailer.
#[pyfunction]
pub(crate) fn pickle_index<'py>(
    py: Python<'py>,
    stream_bytes: u64,
    index_offset: u64,
    buffers: Vec<BufferRange>,
) -> Bound<'py, PyBytes> {
    let mut end = Vec::with_capacity(buffers.len() * ENTRY_BYTES as usize + TRAILER_BYTES);
    let count = buffers.len() as u64;
    for (offset, size, is_read_only) in buffers {
        let flags = if is_read_only { READ_ONLY } else { 0 };
        end.extend([offset, size, flags].map(u64::to_le_bytes).as_flattened());
    }
    end.extend([stream_bytes, index_offset, count].map(u64::to_le_bytes).as_flattened());
    end.extend(VERSION.to_le_bytes());
    end.extend(crc32(&end).to_le_bytes());
    end.extend(MAGIC);
    PyBytes::new(py, &end)
}

fn parts(file: &[u8]) -> Result<(u64, Vec<BufferRange>), String> {
    let Some((before, trailer)) = file.split_last_chunk::<TRAILER_BYTES>() else {
        return Err("it is too short".into());
    };
    let stream_bytes = number(trailer, 0);
    let index_offset = number(trailer, 8);
    let count = number(trailer, 16);
    let version = u32::try_from(number(trailer, 24) & u64::from(u32::MAX)).unwrap_or_default();
    let checksum = number(trailer, 24) >> 32;
    if version != VERSION {
        return Err(format!("it has version {version}, and this package knows {VERSION}"));
    }
    let index_bytes = count.checked_mul(ENTRY_BYTES);
    let end = index_bytes.and_then(|bytes| index_offset.checked_add(bytes));
    if !index_offset.is_multiple_of(ALIGNMENT) || end != Some(before.len() as u64) || count == 0 {
        return Err("its index is not where its trailer says".into());
    }
    let index_start = before.len() - index_bytes.unwrap_or_default() as usize;
    let checked = file.get(index_start..before.len() + CHECKED_BYTES).unwrap_or_default();
    if u64::from(crc32(checked)) != checksum {
        return Err("its index or its trailer is damaged".into());
    }
    let last = stream_bytes.checked_sub(1).and_then(|last| before.get(usize::try_from(last).ok()?));
    if stream_bytes > index_offset || last != Some(&STOP) {
        return Err("its stream does not end where its trailer says".into());
    }
    let index = before.get(index_start..).unwrap_or_default();
    Ok((stream_bytes, entries(index, stream_bytes, index_offset)?))
}

/// Reads the index, once all that it says of the buffers holds.
fn entries(index: &[u8], stream_bytes: u64, index_offset: u64) -> Result<Vec<BufferRange>, String> {
    let mut entries = Vec::with_capacity(index.len() / ENTRY_BYTES as usize);
    let mut known = HashSet::new();
    let mut free = stream_bytes;
    for entry in index.chunks_exact(ENTRY_BYTES as usize) {
        let (offset, size, flags) = (number(entry, 0), number(entry, 8), number(entry, 16));
        if flags & !READ_ONLY != 0 {
            return Err(format!("a buffer has the unknown flags {flags:#x}"));
        }
        // Memory that the object refers to twice lies there once.
        if known.insert((offset, size)) {
            let is_aligned = offset.is_multiple_of(ALIGNMENT);
            let end = offset.checked_add(size).filter(|end| *end <= index_offset);
            free = match end {
                Some(end) if is_aligned && offset >= free && size > 0 => end,
                _ => return Err("a buffer is misplaced".into()),
            };
        }
        entries.push((offset, size, flags & READ_ONLY != 0));
    }
    Ok(entries)
}

/// Reads the number at a place, which there is.
fn number(bytes: &[u8], start: usize) -> u64 {
    bytes.get(start..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Returns the CRC-32 of zlib.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let row = (crc ^ u32::from(*byte)) & 0xff;
        TABLE.get(row as usize).copied().unwrap_or_default() ^ (crc >> 8)
    })
}

#[allow(clippy::indexing_slicing, reason = "the index counts up to the length, when this is compiled")]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut row = 0;
    while row < 256 {
        let mut crc = row as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[row] = crc;
        row += 1;
    }
    table
}
