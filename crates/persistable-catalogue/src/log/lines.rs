//! Reading log files from some place on.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::entry::{LogEntry, each_of};

/// So much of a log file is read at once.
pub(super) const SLICE_BYTES: u64 = 8 << 20;

/// Reads lines from an offset; returns where the last whole one ends.
pub(super) fn read_lines(file: &mut File, begin: u64, end: u64, tell: &mut dyn FnMut(LogEntry)) -> io::Result<u64> {
    file.seek(SeekFrom::Start(begin))?;
    let (mut done, mut rest) = (begin, Vec::new());
    while done + (rest.len() as u64) < end {
        let before = rest.len();
        let most = SLICE_BYTES.min(end - done - before as u64);
        (&mut *file).take(most).read_to_end(&mut rest)?;
        if rest.len() == before {
            break;
        }
        // A line that is being written has no end yet.
        let Some(last) = rest.iter().rposition(|byte| *byte == b'\n') else { continue };
        each_of(rest.get(..=last).unwrap_or_default(), tell);
        rest.drain(..=last);
        done += last as u64 + 1;
    }
    Ok(done)
}
