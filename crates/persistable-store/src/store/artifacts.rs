//! Listing what is in a store.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Store;
use crate::artifact::Artifact;
use crate::backend::{Backend, Found, Look};
use crate::error::{Error, Result};
use crate::format::PayloadName;
use crate::format::name::manifest_file;
use crate::medium::System;
use crate::on_disk::links::or_not_fetched;

/// A store whose answers take long is asked ahead, for up to so many times what it is asked at once.
const MOST_ROUNDS: usize = 8;

/// An artifact in a list.
#[derive(Debug)]
pub enum Listed {
    /// Its manifest is whole. Its payload was not read. As after [`Store::find`], nobody asked whom to trust.
    Whole(Box<Artifact>),
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
    store: Store,
    /// What was looked at ahead.
    ready: VecDeque<Listed>,
    /// How many are looked at together.
    ahead: usize,
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
        Artifacts {
            store: self.clone(),
            ready: VecDeque::new(),
            ahead: 1,
            pending: VecDeque::new(),
            last: None,
            prefix: String::new(),
            is_at_end: false,
        }
    }

    /// Returns an iterator over the artifacts of one payload name, as [`artifacts`](Self::artifacts) does.
    #[must_use]
    pub fn artifacts_of(&self, payload_name: &PayloadName) -> Artifacts {
        let prefix = format!("{}(", payload_name.as_str());
        Artifacts { last: Some(prefix.clone()), prefix, ..self.artifacts() }
    }
}

impl Artifacts {
    /// Takes the stems to look at next: few at first, so that who wants few artifacts does not wait for many.
    fn take_stems(&mut self) -> Vec<String> {
        let at_once = self.store.backend.facts().looks_at_once;
        if at_once > 1 {
            self.ahead = (2 * self.ahead).clamp(at_once, MOST_ROUNDS * at_once);
        }
        let mut stems = Vec::with_capacity(self.ahead.min(self.pending.len()));
        while stems.len() < self.ahead {
            let Some(stem) = self.pending.pop_front() else { break };
            if !stem.starts_with(&self.prefix) {
                self.pending.clear();
                self.is_at_end = true;
                break;
            }
            stems.push(stem);
        }
        stems
    }
}

impl Iterator for Artifacts {
    /// An error is an error of listing, and ends the iteration.
    type Item = Result<Listed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(listed) = self.ready.pop_front() {
                return Some(Ok(listed));
            }
            let stems = self.take_stems();
            if !stems.is_empty() {
                self.ready.extend(self.store.listed_all(&stems).into_iter().flatten());
                continue;
            }
            if self.is_at_end {
                return None;
            }
            match self.store.backend.list(self.last.as_deref()) {
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
    pub(super) fn look_at(backend: &Arc<dyn Backend>, stem: String) -> Option<Self> {
        let found = backend.find(&stem, Look::AtBytes);
        Self::of(backend, stem, found)
    }

    /// Reads a manifest that was looked for.
    pub(super) fn of(backend: &Arc<dyn Backend>, stem: String, found: Result<Option<Found>>) -> Option<Self> {
        let found = found.transpose()?;
        Some(match found.and_then(|found| Artifact::listed(&stem, backend, &found)) {
            Ok(artifact) => Self::Whole(Box::new(artifact)),
            Err(error) => {
                let error = match error.location() {
                    Some(_) => error,
                    None => error.at(backend.location().join(&manifest_file(&stem))),
                };
                Self::Unusable { stem, error: or_not_fetched(&System, error) }
            }
        })
    }
}
