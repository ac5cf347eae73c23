//! Copying artifacts from one store to another.

mod copy_plan;
mod crew;
mod failures_in_a_row;
mod manner;
mod options;
mod order;
mod original;
mod records;
mod report;
mod run;
mod sealing;
mod selection;
mod transfer;
mod vouching;

pub(crate) use manner::Manner;
pub use options::{CopyOptions, CopyProgress};
pub use report::{CopyReport, NotCopied};
pub use selection::Selection;
pub(crate) use transfer::{Outcome, under_lease};

use crate::error::Result;
use crate::store::Store;

impl Store {
    /// Copies artifacts of this store to another one, as far as they are missing there, with the artifacts that they depend on.
    ///
    /// ```
    /// use std::io::Write;
    /// use persistable_store::{ArtifactId, CopyOptions, Draft, PayloadName, Selection, Settings, Store, Wait};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (mine, teams) = (Store::memory(), Store::memory());
    /// let id = ArtifactId::new(PayloadName::new("greeting")?, [7; 32]);
    /// let lease = mine.lease(&id, Wait::Forever, &mut |_| {})?;
    /// let mut staging = mine.stage(&lease, ".txt", &Settings::default())?;
    /// staging.writer()?.write_all(b"hello")?;
    /// mine.publish(&lease, staging, Draft::new("text", 1))?;
    ///
    /// let report = mine.push(&teams, [id.clone()], &CopyOptions::default())?;
    /// assert_eq!(report.copied, [id.clone()]);
    ///
    /// let again = mine.push(&teams, Selection::All, &CopyOptions::default())?;
    /// assert_eq!(again.skipped, [id]); // It is there already.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// **What is copied.** An artifact that the other store has is skipped, even if it has another payload there. A damaged one is
    /// put aside first. Params for people, and records of code and environment, are copied with the artifact. Who generated it,
    /// when and with which code stays as it was.
    ///
    /// **How.** A folder or memory takes over an artifact byte for byte, with its signature. Such a copy is not
    /// [own](crate::Trust::Own). In a bucket, the payload gets a new name. So the copy is sealed anew, and you sign it if the
    /// [options](CopyOptions::keys) have a key. An artifact that may run code, and that you do not trust, is refused there, unless
    /// neither you nor its writer sign.
    ///
    /// **Order.** Dependencies are copied before what depends on them. Several artifacts are copied at once. A copy is visible
    /// when it is complete and verified. If copying ends early, call it again: it goes on with what is missing.
    ///
    /// # Errors
    ///
    /// The first failure, if anything failed or was refused. The rest is copied all the same: [`CopyReport::of`] returns what was
    /// done from the error. If a store that is no folder can't be reached, or denies, copying stops after a few failures in a row. [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted), if the
    /// [options](CopyOptions::interrupt) say so.
    pub fn push(&self, to: &Self, selection: impl Into<Selection>, options: &CopyOptions<'_>) -> Result<CopyReport> {
        run::copy(self, to, &selection.into(), options)
    }

    /// Copies artifacts of another store to this one: [`push`](Self::push) in the other direction.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Self::push).
    pub fn pull(&self, from: &Self, selection: impl Into<Selection>, options: &CopyOptions<'_>) -> Result<CopyReport> {
        from.push(self, selection, options)
    }
}
