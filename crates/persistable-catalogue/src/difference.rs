//! How the index differs from the store.

use std::collections::BTreeSet;

use persistable_store::backend::{Companion, Surveyed, Watch};
use persistable_store::{Digest, Store};
use rusqlite::Connection;

use crate::error::Result;
use crate::index::{digest_of, known, known_labels, known_of, labels_stamp, unsettled};
use crate::watching::Name;

/// What has to be read or removed, so that the index is as the store.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Manifests that are new or may have changed, with their stamps, by name: neighbours in the index are neighbours in the list.
    pub(crate) changed: Vec<(String, Option<Digest>)>,
    /// The numbers of artifacts that are gone, and of what marked that others are gone.
    pub(crate) gone: Vec<i64>,
    /// So many artifacts are gone.
    pub(crate) removed: usize,
    /// Labels that are new or may have changed.
    pub(crate) labelled: Vec<(String, Option<Digest>)>,
    /// Artifacts whose labels are gone.
    pub(crate) unlabelled: Vec<String>,
}

impl Difference {
    /// Compares everything in the store.
    pub(crate) fn of_survey(db: &Connection, store: &Store) -> Result<Self> {
        let (mut known, mut labels) = (known(db)?, known_labels(db)?);
        let mut difference = Self::default();
        store.survey(&mut |found| match found.companion {
            None => {
                let entry = known.remove(&digest_of(&found.stem));
                difference.compare(found, entry.and_then(|entry| entry.stamp));
            }
            Some(_) => {
                let stamp = labels.remove(&found.stem).flatten();
                difference.compare(found, stamp);
            }
        })?;
        // An artifact that is listed as changed was taken out of `known`, so what is left is gone.
        difference.removed = known.values().filter(|entry| entry.is_there).count();
        difference.gone = known.into_values().map(|entry| entry.node).collect();
        difference.unlabelled = labels.into_keys().collect();
        difference.changed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(difference)
    }

    /// Compares what may have changed, and what could not be read or not be told apart the last time.
    pub(crate) fn of_names(db: &Connection, watch: &dyn Watch, names: &BTreeSet<Name>) -> Result<Self> {
        let mut difference = Self::default();
        let unsettled = unsettled(db)?.into_iter().map(|stem| (stem, None));
        let names: BTreeSet<Name> = names.iter().cloned().chain(unsettled).collect();
        for (stem, companion) in names {
            let found = watch.look(&stem, companion);
            match companion {
                None => match (found, known_of(db, &stem)?) {
                    (Some(found), entry) => difference.compare(found, entry.and_then(|entry| entry.stamp)),
                    (None, Some(entry)) => {
                        difference.removed += usize::from(entry.is_there);
                        difference.gone.push(entry.node);
                    }
                    (None, None) => {}
                },
                Some(_) => match (found, labels_stamp(db, &stem)?) {
                    (Some(found), stamp) => difference.compare(found, stamp.flatten()),
                    (None, Some(_)) => difference.unlabelled.push(stem),
                    (None, None) => {}
                },
            }
        }
        Ok(difference)
    }

    /// Notes what was found, unless its stamp is the one that is known.
    fn compare(&mut self, found: Surveyed, known: Option<[u8; 32]>) {
        if known.is_some() && found.stamp.map(|stamp| *stamp.as_bytes()) == known {
            return;
        }
        match found.companion {
            None => self.changed.push((found.stem, found.stamp)),
            Some(Companion::Labels) => self.labelled.push((found.stem, found.stamp)),
            Some(_) => {}
        }
    }
}
