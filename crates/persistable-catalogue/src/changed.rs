//! Manifests that have to be read, in little memory: at first, it is all of them.

use crate::index::Stamp;

/// The names of manifests, one after another, and their stamps.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    stems: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    begin: usize,
    end: usize,
    stamp: Option<Stamp>,
}

impl Changed {
    pub(crate) fn push(&mut self, stem: &str, stamp: Option<Stamp>) {
        let begin = self.stems.len();
        self.stems.push_str(stem);
        self.entries.push(Entry { begin, end: self.stems.len(), stamp });
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sorts them by name: neighbours in the list are then neighbours in the index.
    pub(crate) fn sort(&mut self) {
        let stems = &self.stems;
        self.entries.sort_unstable_by_key(|entry| stems.get(entry.begin..entry.end));
    }

    /// Returns them in parts of at most `size`: stems, each with its stamp.
    pub(crate) fn in_parts(&self, size: usize) -> impl Iterator<Item = Vec<(&str, Option<Stamp>)>> {
        let of = |entry: &Entry| (self.stems.get(entry.begin..entry.end).unwrap_or_default(), entry.stamp);
        self.entries.chunks(size).map(move |part| part.iter().map(of).collect())
    }
}
