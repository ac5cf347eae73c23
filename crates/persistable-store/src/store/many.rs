//! Doing the same with many artifacts. If each takes a request, several are sent at the same time.

use super::{Listed, Store};
use crate::artifact::Artifact;
use crate::backend::{Found, Look};
use crate::error::{Error, ErrorKind, Result};
use crate::format::ArtifactId;
use crate::keys::Keys;
use crate::parallel;
use crate::trust::Trust;

impl Store {
    /// [Looks up](Self::find) several artifacts. Where that takes requests, they are sent at the same time.
    #[must_use]
    pub fn find_all(&self, ids: &[&ArtifactId]) -> Vec<Result<Option<Artifact>>> {
        let found = self.find_each(ids, |id| id.stem());
        let read = |(id, found): (&&ArtifactId, Result<Option<Found>>)| {
            found?.map(|found| Artifact::new(id, &self.backend, &found, Trust::Anyone, &Keys::none())).transpose()
        };
        ids.iter().zip(found).map(read).collect()
    }

    /// Reads the manifests of stems that were [listed](Self::survey). Where that takes requests, they are sent at the same time.
    #[must_use]
    pub fn listed_all(&self, stems: &[String]) -> Vec<Option<Listed>> {
        let found = self.find_each(stems, |stem| stem);
        stems.iter().zip(found).map(|(stem, found)| Listed::of(&self.backend, stem.clone(), found)).collect()
    }

    fn find_each<I: Sync>(&self, items: &[I], stem: impl Fn(&I) -> &str + Sync) -> Vec<Result<Option<Found>>> {
        let interrupted = || Error::new(ErrorKind::Interrupted, "interrupted by the caller").at(self.location());
        let found = self.each_of(items, |item| self.backend.find(stem(item), Look::AtBytes));
        // After an interrupt, what was not asked for is not known.
        found.into_iter().map(|found| found.unwrap_or_else(|| Err(interrupted()))).collect()
    }

    /// Does something for each of these, several at the same time if each takes a request. Returns what came of each, in order, and
    /// `None` for those that an interrupt left out.
    pub(super) fn each_of<I: Sync, T: Send>(&self, items: &[I], act: impl Fn(&I) -> T + Sync) -> Vec<Option<T>> {
        parallel::map(items, self.backend.facts().looks_at_once, &|| self.handling.interrupt.is_due(), act)
    }
}
