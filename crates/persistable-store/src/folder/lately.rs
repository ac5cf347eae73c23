//! What was done in a data folder a moment ago, and need not be done again so soon.
//!
//! Only looks are spared whose answer may change right after them anyway, and work that may also be done later.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

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
    names_files: Option<bool>,
}

impl Lately {
    /// Whether the folder was swept within this time. If not, it counts as swept from now on.
    pub(super) fn was_swept_within(&mut self, time: Duration) -> bool {
        let was_swept = is_within(time, self.swept);
        if !was_swept {
            self.swept = Some(Instant::now());
        }
        was_swept
    }

    /// Whether this account could write to the folder a moment ago.
    pub(super) fn was_writable(&self) -> bool {
        is_within(A_MOMENT, self.writable)
    }

    pub(super) fn note_writable(&mut self) {
        self.writable = Some(Instant::now());
    }

    /// Whether files can be created without a name there, and get one later; `None` if nobody tried.
    pub(super) fn names_files(&self) -> Option<bool> {
        self.names_files
    }

    pub(super) fn note_names_files(&mut self, names_files: bool) {
        self.names_files = Some(names_files);
    }

    /// Whether a record was there a moment ago.
    pub(super) fn had_record(&self, digest: Digest) -> bool {
        is_within(A_MOMENT, self.records.get(&digest).copied())
    }

    pub(super) fn note_record(&mut self, digest: Digest) {
        if self.records.len() >= MOST_RECORDS {
            self.records.clear();
        }
        self.records.insert(digest, Instant::now());
    }
}

fn is_within(time: Duration, then: Option<Instant>) -> bool {
    then.is_some_and(|then| then.elapsed() < time)
}
