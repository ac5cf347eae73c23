//! The record of the code that made a payload, and how two records are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use persistable_store::Digest;
use serde::{Deserialize, Serialize};

/// The tag of an item that is a value and no code: its digest counts under every tag.
const VALUE: &str = "value";

/// What a digest of a record begins with, so that it is the digest of nothing else.
const DOMAIN: &[u8] = b"persistable-code-v1";

/// A function, class or constant that is part of a step's code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CodeItem {
    /// Its name for people, such as `helpers.clean`. It is unique in a record.
    pub name: String,
    /// The source file, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file where the item begins, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The item's digests, as hex digits, by a tag that says what was digested: `tokens` in Rust, `ast` and `cpython-311` (and so on) in
    /// Python, `value` for a constant.
    pub digests: BTreeMap<String, String>,
}

impl CodeItem {
    /// Names an item that has one digest.
    #[must_use]
    pub fn new(name: impl Into<String>, tag: impl Into<String>, digest: impl Into<String>) -> Self {
        let digests = BTreeMap::from([(tag.into(), digest.into())]);
        Self { name: name.into(), file: None, line: None, digests }
    }

    /// Says where the item stands in the source.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, line: u32) -> Self {
        self.file = Some(file.into());
        self.line = Some(line);
        self
    }

    /// Returns the digest for a tag.
    fn digest(&self, tag: &str) -> Option<&str> {
        self.digests.get(tag).or_else(|| self.digests.get(VALUE)).map(String::as_str)
    }

    /// Returns whether both have the same digest under a tag. If they share no tag, they can't be compared, and this
    /// returns `true`. A value and a function of the same name are different.
    fn agrees_with(&self, other: &Self) -> bool {
        if self.digests.contains_key(VALUE) != other.digests.contains_key(VALUE) {
            return false;
        }
        let mut shared =
            self.digests.iter().filter_map(|(tag, digest)| Some((digest, other.digests.get(tag)?))).peekable();
        shared.peek().is_none() || shared.any(|(here, there)| here == there)
    }
}

/// `helpers.clean (helpers.py:12)`.
impl fmt::Display for CodeItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, " ({file}:{line})"),
            (Some(file), None) => write!(f, " ({file})"),
            _ => Ok(()),
        }
    }
}

/// The code that a step's payload depends on, item by item. If nothing is known about it, the record is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CodeRecord {
    /// The items, by name.
    pub items: Vec<CodeItem>,
    /// What the record can't see, as text for people: calls whose target is known only at run time, functions in C.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
}

impl CodeRecord {
    /// Returns an empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns whether nothing is known about the code.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds an item. If there is an item of that name already, adds nothing and returns `false`.
    pub fn add(&mut self, item: CodeItem) -> bool {
        match self.items.binary_search_by(|other| other.name.as_str().cmp(&item.name)) {
            Ok(_) => false,
            Err(index) => {
                self.items.insert(index, item);
                true
            }
        }
    }

    /// Returns the record without the items of these names.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Self {
        let mut kept = self.clone();
        kept.items.retain(|item| !names.contains(&item.name));
        kept
    }

    /// Returns the digest of all items under each tag that all of them have (values have every tag).
    #[must_use]
    pub fn digests(&self) -> BTreeMap<String, Digest> {
        let tags: BTreeSet<&str> = self.items.iter().flat_map(|item| item.digests.keys()).map(String::as_str).collect();
        // A record of nothing but values has the tag of values.
        let is_code = tags.iter().any(|tag| *tag != VALUE);
        let tags = tags.into_iter().filter(|tag| !is_code || *tag != VALUE);
        tags.filter_map(|tag| Some((tag.to_owned(), self.digest(tag)?))).collect()
    }

    /// Returns the digest of all items under a tag; `None` if an item lacks it.
    #[must_use]
    pub fn digest(&self, tag: &str) -> Option<Digest> {
        let mut text = DOMAIN.to_vec();
        let mut put = |part: &str| {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        };
        for item in &self.items {
            put(&item.name);
            put(item.digest(tag)?);
        }
        Some(Digest::of(&text))
    }

    /// Returns how this record differs from an earlier one, by name. Two items agree if they share a digest under any
    /// tag. Two records without a common tag, as those of two languages, can't be compared. They have no differences.
    #[must_use]
    pub fn changes_since(&self, earlier: &Self) -> Vec<CodeDifference> {
        let is_comparable = {
            let tags = |record: &Self| -> BTreeSet<String> {
                let tags = record.items.iter().flat_map(|item| item.digests.keys());
                tags.filter(|tag| *tag != VALUE).cloned().collect()
            };
            let (here, there) = (tags(self), tags(earlier));
            (here.is_empty() && there.is_empty()) || !here.is_disjoint(&there)
        };
        if !is_comparable {
            return Vec::new();
        }
        let find = |record: &Self, name: &str| record.items.iter().find(|item| item.name == name).cloned();
        let mut differences = Vec::new();
        for item in &self.items {
            match find(earlier, &item.name) {
                Some(before) if before.agrees_with(item) => {}
                Some(_) => differences.push(CodeDifference { item: item.clone(), kind: CodeDifferenceKind::Changed }),
                None => differences.push(CodeDifference { item: item.clone(), kind: CodeDifferenceKind::Added }),
            }
        }
        for item in &earlier.items {
            if find(self, &item.name).is_none() {
                differences.push(CodeDifference { item: item.clone(), kind: CodeDifferenceKind::Removed });
            }
        }
        differences
    }
}

/// How an item differs from the code that made an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeDifferenceKind {
    /// It has changed.
    Changed,
    /// The code did not use it.
    Added,
    /// The code no longer uses it.
    Removed,
}

/// An item that has changed since an artifact was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeDifference {
    /// The item as it is now. If it is gone, the item as it was.
    pub item: CodeItem,
    /// How it differs.
    pub kind: CodeDifferenceKind,
}

impl fmt::Display for CodeDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            CodeDifferenceKind::Changed => write!(f, "{}", self.item),
            CodeDifferenceKind::Added => write!(f, "{} is newly used", self.item),
            CodeDifferenceKind::Removed => write!(f, "{} is no longer used", self.item),
        }
    }
}
