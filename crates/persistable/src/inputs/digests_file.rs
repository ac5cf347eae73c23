//! Files in which digests are remembered.
//!
//! There are 64 files, and a stamp belongs to one by its first digits. A line is a stamp, the digest of the file that has it,
//! and the first digits of the digest of both, so that a damaged line is not believed. A file is replaced as a whole. Where
//! two processes do so at once, the digest of one is forgotten, and the file that it is of is read once more.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use persistable_store::Digest;

/// Lines in a file; the oldest go first.
const MOST_LINES: usize = 512;
/// A file of so many lines is not larger than this.
const MOST_BYTES: u64 = 1 << 20;
const FILES: u8 = 64;

/// Returns the digest that belongs to a stamp.
pub(super) fn read(folder: &Path, stamp: Digest) -> Option<Digest> {
    let text = text_of(&path_of(folder, stamp))?;
    text.lines().rev().filter_map(parse).find_map(|(known, digest)| (known == stamp).then_some(digest))
}

/// Adds a stamp with the digest that belongs to it.
pub(super) fn add(folder: &Path, stamp: Digest, digest: Digest) -> io::Result<()> {
    let path = path_of(folder, stamp);
    let text = text_of(&path).unwrap_or_default();
    let others = text.lines().filter(|line| parse(line).is_some_and(|(known, _)| known != stamp));
    let mut lines: Vec<&str> = others.collect();
    lines.drain(..(lines.len() + 1).saturating_sub(MOST_LINES));
    let line = line_of(stamp, digest);
    lines.push(&line);
    fs::create_dir_all(folder)?;
    let mut replacement = tempfile::NamedTempFile::new_in(folder)?;
    replacement.write_all((lines.join("\n") + "\n").as_bytes())?;
    replacement.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn path_of(folder: &Path, stamp: Digest) -> PathBuf {
    let [first, ..] = *stamp.as_bytes();
    folder.join(format!("digests-v1-{:02}", first % FILES))
}

fn text_of(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MOST_BYTES {
        return None;
    }
    fs::read_to_string(path).ok()
}

fn line_of(stamp: Digest, digest: Digest) -> String {
    let both = format!("{stamp} {digest}");
    let check = Digest::of(both.as_bytes()).to_string();
    format!("{both} {}", check.get(..16).unwrap_or_default())
}

fn parse(line: &str) -> Option<(Digest, Digest)> {
    let mut words = line.split(' ');
    let (stamp, digest) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (line == line_of(stamp, digest)).then_some((stamp, digest))
}
