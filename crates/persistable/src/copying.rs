//! Copying what is persisted to another store.

use std::collections::BTreeSet;

use persistable_store::{ArtifactId, CopyOptions, CopyReport, Store};

#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::params_tree::ParamsTree;
use crate::persistable::Persistable;
use crate::step::Step;

impl<S: Step> Persistable<S> {
    /// Copies the artifact of this step to another store, with the artifacts of all steps that it depends on. What is there
    /// already is skipped, and so is what is not persisted.
    ///
    /// [`Store::push`] says how, and copies what you name by itself.
    ///
    /// ```
    /// # use persistable::{CopyOptions, Persistable, PersistableParams, Run, Step, StepResult, Store, io};
    /// # #[derive(PersistableParams)]
    /// # struct Points { n: usize }
    /// # impl Step for Points {
    /// #     type Payload = Vec<f64>; type Io = io::MessagePack;
    /// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> { Ok(vec![0.0; self.n]) }
    /// # }
    /// # fn main() -> persistable::Result<()> {
    /// let (mine, teams) = (Store::memory(), Store::memory());
    /// let points = Persistable::open(&mine, Points { n: 3 })?;
    /// points.payload()?;
    /// let report = points.push(&teams, &CopyOptions::default())?;
    /// assert_eq!(report.copied.len(), 1);
    /// assert!(Persistable::open(&teams, Points { n: 3 })?.load().is_ok());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Store::push`]. [`CopyReport::of`] returns what was copied all the same.
    pub fn push(&self, to: &Store, options: &CopyOptions<'_>) -> Result<CopyReport> {
        let report = self.0.store.push(to, self.to_copy(options), options);
        self.0.told(report.map_err(|error| self.0.store_error("copy", error)))
    }

    /// Copies the artifact of this step from another store, with the artifacts of all steps that it depends on: the other
    /// direction of [`push`](Self::push).
    ///
    /// # Errors
    ///
    /// Those of [`push`](Self::push).
    pub fn pull(&self, from: &Store, options: &CopyOptions<'_>) -> Result<CopyReport> {
        let report = self.0.store.pull(from, self.to_copy(options), options);
        self.0.told(report.map_err(|error| self.0.store_error("copy", error)))
    }

    fn to_copy(&self, options: &CopyOptions<'_>) -> Vec<ArtifactId> {
        if options.has_dependencies() { self.0.tree.all_ids() } else { vec![self.0.tree.id().clone()] }
    }
}

impl ParamsTree {
    /// Returns the artifacts of all steps of the tree, each once.
    fn all_ids(&self) -> Vec<ArtifactId> {
        let (mut ids, mut known, mut pending) = (Vec::new(), BTreeSet::new(), vec![self]);
        while let Some(tree) = pending.pop() {
            if known.insert(tree.id()) {
                ids.push(tree.id().clone());
                pending.extend(tree.dependencies());
            }
        }
        ids
    }
}
