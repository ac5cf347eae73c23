//! What all workers know of a copying.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use persistable_base::sync::{Mutex, lock};

use super::options::CopyOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::format::{Digest, PayloadRecord};
use crate::keys::Keys;
use crate::settings::{Durability, Wait};
use crate::store::Store;
use crate::trust::Trust;

/// How each artifact is copied.
pub(crate) struct Manner<'a> {
    pub(crate) durability: Durability,
    pub(crate) wait: Wait,
    /// Whether what is there is read, and replaced where it is damaged.
    pub(crate) repair: bool,
    pub(crate) keys: Keys,
    pub(crate) trust: Trust,
    pub(crate) runs_code: Option<&'a (dyn Fn(&PayloadRecord) -> bool + Send + Sync + 'a)>,
    stop: AtomicBool,
    /// Whether all that is left would fail as well.
    is_given_up: AtomicBool,
    /// Records that were copied.
    records: Mutex<HashSet<Digest>>,
}

impl<'a> Manner<'a> {
    pub(crate) fn new(durability: Durability, wait: Wait) -> Self {
        Self {
            durability,
            wait,
            repair: false,
            keys: Keys::none(),
            trust: Trust::Own,
            runs_code: None,
            stop: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
            records: Mutex::new(HashSet::new()),
        }
    }

    pub(super) fn of(from: &Store, to: &Store, options: &'a CopyOptions<'_>) -> Self {
        Self {
            repair: options.repair,
            keys: from.keys(&to.keys(&options.keys)).into_owned(),
            trust: options.trust,
            runs_code: options.runs_code.as_deref(),
            ..Self::new(options.durability, options.wait)
        }
    }

    pub(crate) fn runs_code(&self, record: &PayloadRecord) -> bool {
        self.runs_code.is_none_or(|runs_code| runs_code(record))
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Says that all that is left would fail as well.
    pub(super) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.is_stopped() {
            return Err(Error::new(ErrorKind::Interrupted, "copying was interrupted"));
        }
        Ok(())
    }

    /// Whether a record is to be copied, which it is once.
    pub(super) fn begins_record(&self, digest: Digest) -> bool {
        lock(&self.records).insert(digest)
    }
}

impl fmt::Debug for Manner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manner").field("wait", &self.wait).finish_non_exhaustive()
    }
}
