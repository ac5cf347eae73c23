//! The payloads that actors persist: each tells what it is, and a mixture of two is none.
//!
//! `python/actor.py` makes the same.

use std::fmt;
use std::str::FromStr;

use crate::problem::Problem;

/// What a payload consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// A file of 200 bytes.
    File,
    /// A file of 24 MiB.
    Large,
    /// Three files in a folder, one of them in a folder below.
    Folder,
    /// A pickled array of 8 MiB: Python only.
    Pickle,
}

impl Shape {
    pub(crate) const ALL: [Self; 4] = [Self::File, Self::Large, Self::Folder, Self::Pickle];

    /// Returns its word, which is the payload name as well.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Large => "large",
            Self::Folder => "folder",
            Self::Pickle => "pickle",
        }
    }

    /// Returns the path of each file below the payload, "" for one that is a file itself, and its size.
    pub(crate) fn files(self) -> &'static [(&'static str, usize)] {
        match self {
            Self::File => &[("", 200)],
            Self::Large => &[("", 24 << 20)],
            Self::Folder => &[("a", 100), ("b.txt", 9000), ("sub/c", 300)],
            Self::Pickle => &[("", 8 << 20)],
        }
    }

    /// Returns what a file of the payload holds.
    pub(crate) fn content(self, path: &str, n: u32, generation: &str) -> Vec<u8> {
        let size = self.files().iter().find(|(name, _)| *name == path).map_or(0, |(_, size)| *size);
        content(&self.label(path), n, generation, size)
    }

    /// Returns which generation a payload is of, given by path and content of its files; an error where it is not wholly
    /// of one.
    pub(crate) fn generation_of<'a>(
        self,
        n: u32,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<String, String> {
        let mut found: Option<String> = None;
        let mut count = 0;
        for (path, bytes) in files {
            let generation = generation_in(bytes).ok_or_else(|| format!("{path:?} says nothing of its generation"))?;
            if self.content(path, n, &generation) != bytes {
                return Err(format!("{path:?} begins as {generation} and is not"));
            }
            if let Some(other) = found.replace(generation.clone()).filter(|other| *other != generation) {
                return Err(format!("it is {other} in part and {generation} in part"));
            }
            count += 1;
        }
        match found {
            Some(generation) if count == self.files().len() => Ok(generation),
            _ => Err(format!("it has {count} files")),
        }
    }

    fn label(self, path: &str) -> String {
        if path.is_empty() { self.as_str().to_owned() } else { format!("{}/{path}", self.as_str()) }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Shape {
    type Err = Problem;

    fn from_str(word: &str) -> Result<Self, Problem> {
        let known = Self::ALL.into_iter().find(|shape| shape.as_str() == word);
        Ok(known.ok_or_else(|| format!("there is no shape {word:?}"))?)
    }
}

/// Bytes of which each block tells whose it is and which.
fn content(label: &str, n: u32, generation: &str, size: usize) -> Vec<u8> {
    const BLOCK: usize = 4096;
    let mut bytes = Vec::with_capacity(size + BLOCK);
    let mut number = 0;
    while bytes.len() < size {
        let line = format!("{label} {n} {generation} {number}\n");
        let end = bytes.len() + BLOCK;
        while bytes.len() < end {
            bytes.extend_from_slice(line.as_bytes());
        }
        bytes.truncate(end);
        number += 1;
    }
    bytes.truncate(size);
    bytes
}

fn generation_in(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok()?.split(' ').nth(2).map(str::to_owned)
}
