//! A dependency that a run generates only when the step's code asks for it.

use std::ops::Deref;
use std::sync::Arc;

use persistable_key::ParamError;
use persistable_store::{Digest, Store};

use crate::code::CodeRecord;
use crate::dependencies::{AsDependencies, Collected, Single};
use crate::maker::{Maker, Policies, Upstream};
use crate::params_tree::ParamsTree;

/// A dependency that a run does not generate in advance. It is generated when the step's code asks for it.
///
/// It is part of the key, exactly as it is without `Lazy`.
///
/// ```
/// use persistable::{Lazy, Persistable, PersistableParams, Run, Runner, Step, StepResult, Store, io};
///
/// #[derive(PersistableParams)]
/// struct Fallback {}
///
/// #[derive(PersistableParams)]
/// struct Fit {
///     converges: bool,
///     #[param(dependency)]
///     fallback: Lazy<Persistable<Fallback>>,
/// }
/// # impl Step for Fallback {
/// #     type Payload = f64; type Io = io::MessagePack;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<f64> { Ok(0.5) }
/// # }
///
/// impl Step for Fit {
///     type Payload = f64;
///     type Io = io::MessagePack;
///
///     fn generate_payload(&self, _: &Run<'_>) -> StepResult<f64> {
///         if self.converges { Ok(1.0) } else { Ok(*self.fallback.payload()?) }
///     }
/// }
///
/// # fn main() -> persistable::Result<()> {
/// let store = Store::memory();
/// let fallback = Persistable::open(&store, Fallback {})?;
/// let fit = Persistable::open(&store, Fit { converges: true, fallback: Lazy(fallback.clone()) })?;
/// Runner::new().run([&fit])?;
/// assert!(fallback.manifest()?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Lazy<D>(pub D);

impl<D> Deref for Lazy<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.0
    }
}

impl<D: AsDependencies> AsDependencies for Lazy<D> {
    fn single() -> Option<Single> {
        D::single()
    }

    fn collect(&self) -> Result<Collected, ParamError> {
        Ok(self.0.collect()?.map_steps(lazily))
    }
}

/// Returns a step that the one above it generates only when its code asks for it.
#[must_use]
pub fn lazily(step: Upstream) -> Upstream {
    Upstream(Arc::new(LazyMaker(step.0)))
}

/// The step that is meant, but for when it is generated.
struct LazyMaker(Arc<dyn Maker>);

impl Maker for LazyMaker {
    fn tree(&self) -> &ParamsTree {
        self.0.tree()
    }

    fn store(&self) -> &Store {
        self.0.store()
    }

    fn policies(&self) -> Policies {
        self.0.policies()
    }

    fn code(&self) -> CodeRecord {
        self.0.code()
    }

    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        self.0.quick_code(without)
    }

    fn code_digest(&self) -> Option<&'static str> {
        self.0.code_digest()
    }

    fn step_type(&self) -> Option<String> {
        self.0.step_type()
    }

    fn below(&self) -> Vec<Upstream> {
        self.0.below()
    }

    fn was_checked_lately(&self) -> bool {
        self.0.was_checked_lately()
    }

    fn lazy(&self) -> Option<Upstream> {
        Some(Upstream(Arc::clone(&self.0)))
    }
}
