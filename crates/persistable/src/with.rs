//! The verbs of a handle, with untracked parameters.

use std::sync::Arc;

use crate::error::Result;
use crate::inner::OnInvalid;
use crate::persistable::Persistable;
use crate::step::Step;
use crate::untracked::Untracked;

/// A handle with untracked parameters. Its methods pass them to the step's code: see [`Persistable::with`].
#[derive(Debug)]
#[must_use]
pub struct With<'a, S: Step> {
    handle: &'a Persistable<S>,
    untracked: Untracked,
}

impl<S: Step> With<'_, S> {
    /// Does the same as [`Persistable::load`].
    ///
    /// # Errors
    ///
    /// Those of [`Persistable::load`].
    pub fn load(&self) -> Result<Arc<S::Payload>> {
        self.handle.loading(&self.untracked, OnInvalid::Refuse, false)
    }

    /// Does the same as [`Persistable::load_even_if_invalid`].
    ///
    /// # Errors
    ///
    /// Those of [`Persistable::load_even_if_invalid`].
    pub fn load_even_if_invalid(&self) -> Result<Arc<S::Payload>> {
        self.handle.loading(&self.untracked, OnInvalid::Warn, false)
    }

    /// Does the same as [`Persistable::generate`].
    ///
    /// # Errors
    ///
    /// Those of [`Persistable::generate`].
    pub fn generate(&self) -> Result<Arc<S::Payload>> {
        self.handle.generating(&self.untracked)
    }

    /// Does the same as [`Persistable::load_generate`].
    ///
    /// # Errors
    ///
    /// Those of [`Persistable::load_generate`].
    pub fn load_generate(&self) -> Result<Arc<S::Payload>> {
        self.handle.loading_or_generating(&self.untracked)
    }
}

impl<S: Step> Persistable<S> {
    /// Passes untracked parameters to the step's code, which gets them from its [`Run`](crate::Run).
    ///
    /// ```
    /// use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, Untracked, io};
    ///
    /// struct Threads(usize);
    ///
    /// #[derive(PersistableParams)]
    /// struct Squares {
    ///     n: u64,
    /// }
    ///
    /// impl Step for Squares {
    ///     type Payload = Vec<u64>;
    ///     type Io = io::MessagePack;
    ///
    ///     fn generate_payload(&self, run: &Run<'_>) -> StepResult<Vec<u64>> {
    ///         assert_eq!(run.untracked::<Threads>().map(|threads| threads.0), Some(8));
    ///         Ok((0..self.n).map(|i| i * i).collect())
    ///     }
    /// }
    ///
    /// # fn main() -> persistable::Result<()> {
    /// let squares = Persistable::open(Store::memory(), Squares { n: 4 })?;
    /// squares.with(Untracked::new().with(Threads(8))).load_generate()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with(&self, untracked: Untracked) -> With<'_, S> {
        With { handle: self, untracked }
    }
}
