//! What was done in a data folder a moment ago, and need not be done again so soon.
//!
//! Only looks are spared whose answer may change right after them anyway, and work that may also be done later.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::root::Root;
use crate::format::Digest;

/// So long an answer counts. It is a moment to those who look before they generate something for hours.
const A_MOMENT: Duration = Duration::from_secs(1);
/// So many records are kept in mind for each folder.
const MOST_RECORDS: usize = 64;

/// When things were last done in a data folder.
#[derive(Debug, Default)]
pub(super) struct Lately {
    swept: Option<Instant>,
    writable: Option<Instant>,
    records: BTreeMap<Digest, Instant>,
}

impl Root {
    /// Whether it was swept within this time. If not, it counts as swept from now on.
    pub(super) fn was_swept_within(&self, time: Duration) -> bool {
        self.lately(|lately| {
            let was_swept = is_within(time, lately.swept);
            if !was_swept {
                lately.swept = Some(Instant::now());
            }
            was_swept
        })
    }

    /// Whether this account could write to it a moment ago.
    pub(super) fn was_writable(&self) -> bool {
        self.lately(|lately| is_within(A_MOMENT, lately.writable))
    }

    pub(super) fn note_writable(&self) {
        self.lately(|lately| lately.writable = Some(Instant::now()));
    }

    /// Whether a record was there a moment ago.
    pub(super) fn had_record(&self, digest: Digest) -> bool {
        self.lately(|lately| is_within(A_MOMENT, lately.records.get(&digest).copied()))
    }

    pub(super) fn note_record(&self, digest: Digest) {
        self.lately(|lately| {
            if lately.records.len() >= MOST_RECORDS {
                lately.records.clear();
            }
            lately.records.insert(digest, Instant::now());
        });
    }

    fn lately<T>(&self, act: impl FnOnce(&mut Lately) -> T) -> T {
        // Paths are compared as they are spelt: comparing them by their components takes longer.
        let (mut folders, path) = (self.process.lately.lock(), self.path().as_os_str());
        match folders.get_mut(path) {
            Some(lately) => act(lately),
            None => act(folders.entry(path.to_owned()).or_default()),
        }
    }
}

fn is_within(time: Duration, then: Option<Instant>) -> bool {
    then.is_some_and(|then| then.elapsed() < time)
}
