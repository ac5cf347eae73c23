//! How the index differs from the store.

use std::collections::BTreeSet;

use persistable_store::backend::{Companion, Surveyed, Watch};
use persistable_store::{Digest, Store};
use rusqlite::Connection;

use crate::changed::Changed;
use crate::error::Result;
use crate::index::{
    Known, Stamp, known_labels, known_of, labels_stamp, meta, node_of_stem, set_meta, stamp_of, unsettled,
    unsettled_labels,
};
use crate::watching::{Name, Watching};

/// What the folder with records of removal had when they were last read.
const REMOVALS: &str = "removals";

/// What has to be read or removed, so that the index is as the store.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Manifests that are new or may have changed.
    pub(crate) changed: Changed,
    /// The numbers of artifacts that are gone, and of what marked that others are gone.
    pub(crate) gone: Vec<i64>,
    /// So many artifacts are gone.
    pub(crate) removed: usize,
    /// Labels that are new or may have changed.
    pub(crate) labelled: Vec<(String, Option<Stamp>)>,
    /// Artifacts whose labels are gone.
    pub(crate) unlabelled: Vec<String>,
    pub(crate) records: Records,
}

/// Records of removal that are not known yet.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The artifacts that were removed.
    pub(crate) stems: Vec<String>,
    /// What the folder with the records has now, if that is to be noted.
    stamp: Option<Digest>,
}

impl Difference {
    /// Compares the index with the store. What is not watched is surveyed.
    ///
    /// Times of the store's folder show only which names there are. A file that was copied over another one has the same name.
    pub(crate) fn of(db: &Connection, store: &Store, watching: &mut Watching) -> Result<Self> {
        let is_first = watching.is_first();
        let mut difference = match watching.told() {
            Some((watch, names)) => Self::of_names(db, watch, names)?,
            None => {
                watching.begin(store);
                Self::of_survey(db, store)?
            }
        };
        difference.records = Records::of(db, store, is_first)?;
        Ok(difference)
    }

    /// Whether the index is as the store.
    pub(crate) fn is_none(&self) -> bool {
        let records = &self.records;
        self.changed.is_empty()
            && self.gone.is_empty()
            && self.labelled.is_empty()
            && self.unlabelled.is_empty()
            && records.stems.is_empty()
            && records.stamp.is_none()
    }

    fn of_survey(db: &Connection, store: &Store) -> Result<Self> {
        let (mut known, mut labels) = (Known::read(db)?, known_labels(db)?);
        let mut difference = Self::default();
        store.survey(&mut |found| match found.companion {
            None => {
                let entry = known.take(&found.stem);
                difference.compare(found, entry.and_then(|entry| entry.stamp));
            }
            Some(_) => {
                let stamp = labels.remove(&found.stem).flatten();
                difference.compare(found, stamp);
            }
        })?;
        for entry in known.rest() {
            difference.removed += usize::from(entry.is_there);
            difference.gone.push(entry.node);
        }
        difference.unlabelled = labels.into_keys().collect();
        difference.changed.sort();
        Ok(difference)
    }

    /// Compares what may have changed, and what could not be read or not be told apart the last time.
    fn of_names(db: &Connection, watch: &dyn Watch, names: &BTreeSet<Name>) -> Result<Self> {
        let mut difference = Self::default();
        let manifests = unsettled(db)?.into_iter().map(|stem| (stem, None));
        let labels = unsettled_labels(db)?.into_iter().map(|stem| (stem, Some(Companion::Labels)));
        let names: BTreeSet<Name> = names.iter().cloned().chain(manifests).chain(labels).collect();
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
    fn compare(&mut self, found: Surveyed, known: Option<Stamp>) {
        let stamp = found.stamp.as_ref().map(stamp_of);
        if known.is_some() && stamp == known {
            return;
        }
        match found.companion {
            None => self.changed.push(&found.stem, stamp),
            Some(Companion::Labels) => self.labelled.push((found.stem, stamp)),
            Some(_) => {}
        }
    }
}

impl Records {
    /// Looks for records of artifacts that were generated and removed between two looks. Where only a request can show whether there
    /// are some, each catalogue asks once.
    fn of(db: &Connection, store: &Store, is_first: bool) -> Result<Self> {
        let stamp = store.removals_stamp();
        let is_known = match &stamp {
            Some(stamp) => meta(db, REMOVALS)?.is_some_and(|known| known == stamp.as_bytes()),
            None => !is_first && store.path().is_none(),
        };
        if is_known {
            return Ok(Self::default());
        }
        let mut stems = Vec::new();
        for stem in store.removals()? {
            if node_of_stem(db, &stem)?.is_none_or(|node| node.slot.is_none()) {
                stems.push(stem);
            }
        }
        Ok(Self { stems, stamp })
    }

    /// Notes that these were read.
    pub(crate) fn note(&self, db: &Connection) -> Result<()> {
        match &self.stamp {
            Some(stamp) => set_meta(db, REMOVALS, stamp.as_bytes()),
            None => Ok(()),
        }
    }
}
