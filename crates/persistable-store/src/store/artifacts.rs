//! Listing what is in a store.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Store;
use crate::backend::{Backend, Look};
use crate::error::{Error, Result};
use crate::format::name::manifest_file;
use crate::format::{Manifest, PayloadName};

/// An artifact in a list.
#[derive(Debug)]
pub enum Listed {
    /// Its manifest is whole. Its payload was not read.
    Whole(Box<Manifest>),
    /// Its manifest can't be used: it is damaged, of a newer format, or can't be read.
    Unusable {
        /// What the names of its files begin with.
        stem: String,
        /// Why.
        error: Error,
    },
}

/// An iterator over the artifacts of a store; see [`Store::artifacts`].
#[derive(Debug)]
pub struct Artifacts {
    backend: Arc<dyn Backend>,
    pending: VecDeque<String>,
    /// The last name that was listed.
    last: Option<String>,
    /// What all names begin with.
    prefix: String,
    is_at_end: bool,
}

impl Store {
    /// Returns an iterator over all artifacts, in the order of their names. Names are listed in batches. If an artifact
    /// is published or removed in the meantime, it may be included or not.
    #[must_use]
    pub fn artifacts(&self) -> Artifacts {
        let backend = Arc::clone(&self.backend);
        Artifacts { backend, pending: VecDeque::new(), last: None, prefix: String::new(), is_at_end: false }
    }

    /// Returns an iterator over the artifacts of one payload name, as [`artifacts`](Self::artifacts) does.
    #[must_use]
    pub fn artifacts_of(&self, payload_name: &PayloadName) -> Artifacts {
        let prefix = format!("{}(", payload_name.as_str());
        Artifacts { last: Some(prefix.clone()), prefix, ..self.artifacts() }
    }
}

impl Iterator for Artifacts {
    /// An error is an error of listing, and ends the iteration.
    type Item = Result<Listed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let Some(stem) = self.pending.pop_front() {
                if !stem.starts_with(&self.prefix) {
                    self.pending.clear();
                    self.is_at_end = true;
                    break;
                }
                if let Some(listed) = Listed::look_at(&*self.backend, stem) {
                    return Some(Ok(listed));
                }
            }
            if self.is_at_end {
                return None;
            }
            match self.backend.list(self.last.as_deref()) {
                Ok(batch) => {
                    self.is_at_end = batch.is_empty();
                    self.last = batch.last().cloned();
                    self.pending = batch.into();
                }
                Err(error) => {
                    self.is_at_end = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl Listed {
    /// Reads a manifest; `None` if it was removed meanwhile.
    pub(super) fn look_at(backend: &dyn Backend, stem: String) -> Option<Self> {
        let found = backend.find(&stem, Look::AtBytes).transpose()?;
        let read = found.and_then(|found| {
            let manifest = Manifest::parse(&found.bytes)?;
            let id = manifest.id()?;
            if id.stem() == stem { Ok(manifest) } else { Err(manifest.is_of_another()) }
        });
        Some(match read {
            Ok(manifest) => Self::Whole(Box::new(manifest)),
            Err(error) => {
                let error = match error.location() {
                    Some(_) => error,
                    None => error.at(backend.location().join(&manifest_file(&stem))),
                };
                Self::Unusable { stem, error: backend.or_not_fetched(error) }
            }
        })
    }
}
