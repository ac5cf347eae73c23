//! The end of a log file, read backwards.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::entry::{LogEntry, each_of};
use super::filter::LogFilter;
use super::lines::{SLICE_BYTES, read_lines};

/// What the end of a file says.
pub(super) struct Tail {
    pub(super) entries: Vec<LogEntry>,
    /// Where the last whole line ends.
    pub(super) end: u64,
}

/// Returns the last entries that a filter selects, and where the last whole line ends.
pub(super) fn last(file: &mut File, size: u64, most: usize, filter: &LogFilter) -> io::Result<Tail> {
    let mut wanted = (most.saturating_mul(256) as u64).clamp(1 << 16, SLICE_BYTES);
    while wanted <= SLICE_BYTES {
        if let Some(tail) = end_of(file, size, wanted, most, filter)? {
            return Ok(tail);
        }
        wanted = wanted.saturating_mul(4);
    }
    // They are rare, so all of the file is read, piece by piece.
    let mut entries = VecDeque::new();
    let end = read_lines(file, 0, size, &mut |entry| {
        if filter.selects(&entry) {
            entries.push_back(entry);
        }
        if entries.len() > most {
            entries.pop_front();
        }
    })?;
    Ok(Tail { entries: entries.into(), end })
}

/// Looks at the last bytes of a file; `None` if they have too few entries, and if there are more before.
fn end_of(file: &mut File, size: u64, wanted: u64, most: usize, filter: &LogFilter) -> io::Result<Option<Tail>> {
    let begin = size.saturating_sub(wanted);
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(begin))?;
    (&mut *file).take(size - begin).read_to_end(&mut bytes)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    // The first line may have begun before.
    let first = || bytes.iter().position(|byte| *byte == b'\n').map_or(end, |at| at + 1);
    let start = if begin == 0 { 0 } else { first() };
    let (mut entries, mut is_first, mut is_all) = (Vec::new(), true, begin == 0);
    each_of(bytes.get(start..end).unwrap_or_default(), &mut |entry| {
        is_all |= is_first && filter.is_before(&entry);
        is_first = false;
        if filter.selects(&entry) {
            entries.push(entry);
        }
    });
    let is_enough = is_all || entries.len() >= most;
    let last = |mut entries: Vec<LogEntry>| entries.split_off(entries.len().saturating_sub(most));
    Ok(is_enough.then(|| Tail { entries: last(entries), end: begin + end as u64 }))
}
