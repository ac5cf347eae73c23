//! How the index differs from the store.

use std::collections::BTreeSet;

use persistable_store::backend::{Companion, Surveyed};
use persistable_store::{Digest, Store};
use rusqlite::Connection;

use crate::changed::Changed;
use crate::error::Result;
use crate::index::{
    Indexed, Stamp, indexed_of, known_labels, labels_stamp, meta, node_of_stem, set_meta, stamp_of, steps, unsettled,
    unsettled_labels,
};
use crate::watching::{Name, Watching};

/// What the store's stamp was before the last look.
const STAMP: &str = "stamp";
/// What the folder with records of removal had when they were last read.
const REMOVALS: &str = "removals";
/// To look at so many files takes no time that people notice.
const FEW: usize = 4096;

/// How much to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thoroughness {
    /// In a large store, a manifest that was written to in its place may go unnoticed.
    Quick,
    Full,
}

/// What has to be read or removed, so that the index is as the store.
#[derive(Debug, Default)]
pub(crate) struct IndexDifference {
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
    /// The store's stamp, if it is to be noted.
    stamp: Option<Digest>,
}

/// Records of removal that are not known yet.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The artifacts that were removed.
    pub(crate) stems: Vec<String>,
    /// What the folder with the records has now, if that is to be noted.
    stamp: Option<Digest>,
}

impl IndexDifference {
    /// Compares the index with the store, of which this was the stamp before the watch was asked.
    pub(crate) fn of(
        db: &Connection,
        store: &Store,
        watching: &mut Watching,
        stamp: Option<Digest>,
        thoroughness: Thoroughness,
    ) -> Result<Self> {
        let is_first = watching.is_first();
        let known = meta(db, STAMP)?;
        let is_same = stamp.as_ref().is_some_and(|stamp| known.is_some_and(|known| known == stamp.as_bytes()));
        // The stamp shows the names. A file that was copied over another one has the same name.
        let is_quick = watching.told().is_none() && is_same && thoroughness == Thoroughness::Quick && are_many(db)?;
        watching.set_quick(is_quick);
        let mut difference = match watching.told() {
            _ if is_quick => Self::of_names(db, store, &BTreeSet::new())?,
            Some(names) => Self::of_names(db, store, names)?,
            None => {
                watching.begin(store);
                Self::of_survey(db, store)?
            }
        };
        difference.stamp = stamp.filter(|_| !is_same);
        difference.records = Records::of(db, store, is_first)?;
        Ok(difference)
    }

    /// Whether the index is as the store.
    pub(crate) fn is_none(&self) -> bool {
        let (records, stamp) = (&self.records, &self.stamp);
        self.changed.is_empty()
            && self.gone.is_empty()
            && self.labelled.is_empty()
            && self.unlabelled.is_empty()
            && records.stems.is_empty()
            && records.stamp.is_none()
            && stamp.is_none()
    }

    /// Notes how the store was.
    pub(crate) fn note(&self, db: &Connection) -> Result<()> {
        for (name, stamp) in [(STAMP, &self.stamp), (REMOVALS, &self.records.stamp)] {
            if let Some(stamp) = stamp {
                set_meta(db, name, stamp.as_bytes())?;
            }
        }
        Ok(())
    }

    fn of_survey(db: &Connection, store: &Store) -> Result<Self> {
        let (mut known, mut labels) = (Indexed::read(db)?, known_labels(db)?);
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
    fn of_names(db: &Connection, store: &Store, names: &BTreeSet<Name>) -> Result<Self> {
        let mut difference = Self::default();
        let manifests = unsettled(db)?.into_iter().map(|stem| (stem, None));
        let labels = unsettled_labels(db)?.into_iter().map(|stem| (stem, Some(Companion::Labels)));
        let names: BTreeSet<Name> = names.iter().cloned().chain(manifests).chain(labels).collect();
        for (stem, companion) in names {
            let found = store.look_again(&stem, companion);
            match companion {
                None => match (found, indexed_of(db, &stem)?) {
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
}

/// Whether the store has so many artifacts that looking at all of them takes its time.
fn are_many(db: &Connection) -> Result<bool> {
    Ok(steps(db)?.iter().map(|step| step.rows).sum::<usize>() > FEW)
}
