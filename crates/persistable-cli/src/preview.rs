//! A look at a payload, where its format allows that without running code.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use persistable_store::{Manifest, Settings, Store, Verification};

use crate::people::cut;

/// So many lines are shown.
const MOST_LINES: usize = 8;
/// So much of a file is read.
const MOST_BYTES: u64 = 64 << 10;
/// Larger payloads are not downloaded for a look at them.
const MOST_DOWNLOADED: u64 = 1 << 20;

/// Returns the beginning of a text, or the form of an array; nothing for other formats.
pub(crate) fn lines(store: &Store, manifest: &Manifest, width: usize) -> Vec<(String, String)> {
    let io = manifest.payload.io.as_str();
    if !matches!(io, "text" | "json" | "csv" | "npy") || manifest.payload.files.is_some() {
        return Vec::new();
    }
    if store.path().is_none() && manifest.payload.size_bytes > MOST_DOWNLOADED {
        return Vec::new();
    }
    let settings = Settings { verification: Verification::Never, ..Settings::default() };
    let path = || -> persistable_store::Result<Option<_>> {
        let Some(artifact) = store.find(&manifest.id()?)? else { return Ok(None) };
        Ok(Some(artifact.payload(&settings)?.path()?.to_owned()))
    };
    let Ok(Some(path)) = path() else { return Vec::new() };
    let read = if io == "npy" { array(&path) } else { text(&path, width) };
    read.unwrap_or_default()
}

fn text(path: &Path, width: usize) -> std::io::Result<Vec<(String, String)>> {
    let mut lines = Vec::new();
    let mut reader = BufReader::new(File::open(path)?.take(MOST_BYTES));
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(lines);
        }
        let line = String::from_utf8_lossy(&line);
        lines.push((cut(line.trim_end(), width.saturating_sub(4)), String::new()));
    }
    if !reader.fill_buf()?.is_empty() {
        lines.push(("…".to_owned(), String::new()));
    }
    Ok(lines)
}

/// The header of an array says its form: `{'descr': '<f8', 'fortran_order': False, 'shape': (100, 2), }`.
fn array(path: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut start = Vec::new();
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut start)?;
    let header = String::from_utf8_lossy(&start);
    let value = |name: &str, end: char| {
        let rest = header.split_once(&format!("'{name}': "))?.1;
        Some(rest.split_once(end)?.0.to_owned())
    };
    let mut lines = Vec::new();
    if let Some(shape) = value("shape", ')') {
        lines.push(("shape".to_owned(), format!("{})", cut(&shape, 60))));
    }
    if let Some(dtype) = value("descr", ',') {
        lines.push(("dtype".to_owned(), cut(dtype.trim_matches('\''), 60)));
    }
    Ok(lines)
}
