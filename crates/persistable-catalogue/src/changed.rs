//! Manifests that have to be read, in little memory: at first, it is all of them.

use crate::index::Stamp;

/// The names of manifests, one after another, and their stamps.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    stems: String,
    manifests: Vec<ChangedManifest>,
}

#[derive(Clone, Copy, Debug)]
struct ChangedManifest {
    begin: usize,
    end: usize,
    stamp: Option<Stamp>,
}

impl Changed {
    pub(crate) fn push(&mut self, stem: &str, stamp: Option<Stamp>) {
        let begin = self.stems.len();
        self.stems.push_str(stem);
        self.manifests.push(ChangedManifest { begin, end: self.stems.len(), stamp });
    }

    pub(crate) fn len(&self) -> usize {
        self.manifests.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.manifests.is_empty()
    }

    /// Sorts them by name: neighbours in the list are then neighbours in the index.
    pub(crate) fn sort(&mut self) {
        let stems = &self.stems;
        self.manifests.sort_unstable_by_key(|manifest| stems.get(manifest.begin..manifest.end));
    }

    /// Returns them in parts of at most `size`: stems, each with its stamp.
    pub(crate) fn in_parts(&self, size: usize) -> impl Iterator<Item = Vec<(&str, Option<Stamp>)>> {
        let of = |manifest: &ChangedManifest| {
            (self.stems.get(manifest.begin..manifest.end).unwrap_or_default(), manifest.stamp)
        };
        self.manifests.chunks(size).map(move |part| part.iter().map(of).collect())
    }
}
