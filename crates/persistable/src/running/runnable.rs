//! What a run can be asked for.

use std::sync::Arc;

use crate::any_persistable::AnyPersistable;
use crate::maker::{Maker, Upstream};
use crate::persistable::Persistable;
use crate::step::Step;

/// A handle of any type of step: what a [`Runner`](crate::Runner) generates, in any mixture.
pub trait Runnable {
    /// Returns the step, with its type forgotten.
    #[doc(hidden)]
    fn upstream(&self) -> Upstream;
}

impl<S: Step> Runnable for Persistable<S> {
    fn upstream(&self) -> Upstream {
        Upstream(Arc::clone(&self.0) as Arc<dyn Maker>)
    }
}

impl<P> Runnable for AnyPersistable<P> {
    fn upstream(&self) -> Upstream {
        self.as_upstream()
    }
}

impl<R: Runnable + ?Sized> Runnable for &R {
    fn upstream(&self) -> Upstream {
        (**self).upstream()
    }
}

impl<R: Runnable + ?Sized> Runnable for Box<R> {
    fn upstream(&self) -> Upstream {
        (**self).upstream()
    }
}
