//! Comparing artifacts with their digests.

use persistable_store::{ErrorKind as StoreErrorKind, Settings, Verification, Wait};
use serde::Serialize;

use crate::address::Address;
use crate::catalogue::Catalogue;
use crate::error::{Error, Result};
use crate::log::{LogLevel, note};
use crate::table::Row;

/// How an artifact was found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verified {
    /// All bytes are those that were committed.
    Whole,
    /// They are not.
    Damaged {
        /// What is wrong.
        problem: String,
        /// Whether it was put into quarantine.
        is_repaired: bool,
    },
    /// It could not be read, which says nothing about its bytes.
    Unread {
        /// Why.
        problem: String,
    },
    /// It is not there any more.
    Gone,
}

impl Catalogue {
    /// Reads an artifact in full, and compares it with its digest. If it is damaged and `repair` says so, it is put into
    /// quarantine, so that it is generated again when it is needed. In a bucket and on a server, it is deleted. If it is pinned, or
    /// if it can't be put aside now, it stays, and the problem says so.
    ///
    /// # Errors
    ///
    /// Those of an interrupt.
    pub fn verify(&self, row: &Row, repair: bool) -> Result<Verified> {
        let address = Address {
            name: row.name.clone(),
            key: row.key.clone(),
            short: row.short.clone(),
            state: row.state,
            problem: None,
            stem: row.stem(),
        };
        let id = address.id()?;
        // One more look, since it may have been replaced while it was read.
        let mut verified = self.look(&id);
        if matches!(verified, Verified::Damaged { .. }) {
            verified = self.look(&id);
        }
        let Verified::Damaged { problem, .. } = verified else { return Ok(verified) };
        if !repair {
            return Ok(Verified::Damaged { problem, is_repaired: false });
        }
        match self.put_aside(&id, &problem) {
            // One that can't be put aside now is no reason to stop looking at the others.
            Err(error) if !is_interrupt(&error) => {
                let problem = format!("{problem}. It stays: {error}");
                Ok(Verified::Damaged { problem, is_repaired: false })
            }
            done => done,
        }
    }

    /// Puts a damaged artifact into quarantine, unless another healed it before.
    fn put_aside(&self, id: &persistable_store::ArtifactId, problem: &str) -> Result<Verified> {
        let lease = self.store().lease(id, Wait::NOT_AT_ALL, &mut |_| {})?;
        let again = self.look(id);
        if !matches!(again, Verified::Damaged { .. }) {
            return Ok(again);
        }
        // Nothing removes what is pinned. In a bucket, quarantine deletes the payload.
        if self.store().labels(id.stem())?.pinned.is_some() {
            let problem = format!("{problem}. It stays, because it is pinned");
            return Ok(Verified::Damaged { problem, is_repaired: false });
        }
        self.store().quarantine(&lease, problem)?;
        note(self.store(), id, LogLevel::Warning, &format!("put into quarantine: {problem}"));
        Ok(Verified::Damaged { problem: problem.to_owned(), is_repaired: true })
    }

    fn look(&self, id: &persistable_store::ArtifactId) -> Verified {
        let settings = Settings { verification: Verification::Always, ..Settings::default() };
        let read = || match self.store().find(id)? {
            None => Ok(None),
            Some(artifact) => {
                artifact.payload(&settings)?.path()?;
                Ok(Some(()))
            }
        };
        match read() {
            Ok(Some(())) => Verified::Whole,
            Ok(None) => Verified::Gone,
            Err(error) => {
                let error: persistable_store::Error = error;
                let problem = format!("{error:#}");
                match error.kind() {
                    StoreErrorKind::Damaged => Verified::Damaged { problem, is_repaired: false },
                    _ => Verified::Unread { problem },
                }
            }
        }
    }
}

fn is_interrupt(error: &Error) -> bool {
    error.of_store().is_some_and(|error| error.kind() == StoreErrorKind::Interrupted)
}
