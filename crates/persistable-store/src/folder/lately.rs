//! What was done in a data folder a moment ago, and need not be done again so soon.
//!
//! Only looks are spared whose answer may change right after them anyway, and work that may also be done later.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use persistable_base::fork::Table;

use crate::format::Digest;

/// So long an answer counts. It is a moment to those who look before they generate something for hours.
const A_MOMENT: Duration = Duration::from_secs(1);
/// So many records are kept in mind for each folder.
const MOST_RECORDS: usize = 64;

/// When things were last done in the data folders, by their paths.
#[derive(Debug)]
pub(super) struct Lately(Table<BTreeMap<OsString, Moments>>);

#[derive(Debug, Default)]
struct Moments {
    swept: Option<Instant>,
    writable: Option<Instant>,
    records: BTreeMap<Digest, Instant>,
}

impl Lately {
    pub(super) const fn new() -> Self {
        Self(Table::new(BTreeMap::new()))
    }

    /// Whether a folder was swept within this time. If not, it counts as swept from now on.
    pub(super) fn was_swept_within(&'static self, folder: &Path, time: Duration) -> bool {
        self.with(folder, |moments| {
            let was_swept = is_within(time, moments.swept);
            if !was_swept {
                moments.swept = Some(Instant::now());
            }
            was_swept
        })
    }

    /// Whether this account could write to a folder a moment ago.
    pub(super) fn was_writable(&'static self, folder: &Path) -> bool {
        self.with(folder, |moments| is_within(A_MOMENT, moments.writable))
    }

    pub(super) fn note_writable(&'static self, folder: &Path) {
        self.with(folder, |moments| moments.writable = Some(Instant::now()));
    }

    /// Whether a record was in a folder a moment ago.
    pub(super) fn had_record(&'static self, folder: &Path, digest: Digest) -> bool {
        self.with(folder, |moments| is_within(A_MOMENT, moments.records.get(&digest).copied()))
    }

    pub(super) fn note_record(&'static self, folder: &Path, digest: Digest) {
        self.with(folder, |moments| {
            if moments.records.len() >= MOST_RECORDS {
                moments.records.clear();
            }
            moments.records.insert(digest, Instant::now());
        });
    }

    fn with<T>(&'static self, folder: &Path, act: impl FnOnce(&mut Moments) -> T) -> T {
        // Paths are compared as they are spelt: comparing them by their components takes longer.
        let (mut folders, path) = (self.0.lock(), folder.as_os_str());
        match folders.get_mut(path) {
            Some(moments) => act(moments),
            None => act(folders.entry(path.to_owned()).or_default()),
        }
    }
}

fn is_within(time: Duration, then: Option<Instant>) -> bool {
    then.is_some_and(|then| then.elapsed() < time)
}
