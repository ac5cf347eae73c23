//! A handle whose step's type is not known, and whose payload's is.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use persistable_key::{Key, ParamError, TypeName};

use crate::dependencies::{AsDependencies, Collected, Single};
use crate::error::Result;
use crate::maker::{Maker, Upstream};
use crate::params_tree::ParamsTree;
use crate::persistable::Persistable;
use crate::step::Step;

/// A handle of a step of any type whose payload is a `P`. Use it if a step may depend on several types of steps.
///
/// Make it from a [`Persistable`] with `into()`. It is the same handle: it shares the payload in memory, and has the
/// same key.
///
/// ```
/// use persistable::{AnyPersistable, Persistable, PersistableParams, Run, Step, StepResult, Store, io};
///
/// #[derive(PersistableParams)]
/// struct Evens {
///     below: u32,
/// }
///
/// #[derive(PersistableParams)]
/// struct Squares {
///     below: u32,
/// }
///
/// #[derive(PersistableParams)]
/// struct Sum {
///     #[param(dependency)]
///     numbers: Vec<AnyPersistable<Vec<u32>>>,
/// }
/// # impl Step for Evens {
/// #     type Payload = Vec<u32>; type Io = io::MessagePack;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u32>> { Ok((0..self.below).filter(|n| n % 2 == 0).collect()) }
/// # }
/// # impl Step for Squares {
/// #     type Payload = Vec<u32>; type Io = io::MessagePack;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u32>> { Ok((0..).map(|n| n * n).take_while(|n| *n < self.below).collect()) }
/// # }
///
/// impl Step for Sum {
///     type Payload = u32;
///     type Io = io::MessagePack;
///
///     fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
///         self.numbers.iter().try_fold(0, |sum, numbers| Ok(sum + numbers.payload()?.iter().sum::<u32>()))
///     }
/// }
///
/// # fn main() -> persistable::Result<()> {
/// let store = Store::memory();
/// let evens = Persistable::open(&store, Evens { below: 5 })?;
/// let squares = Persistable::open(&store, Squares { below: 5 })?;
/// let sum = Persistable::open(&store, Sum { numbers: vec![evens.into(), squares.into()] })?;
/// assert_eq!(*sum.payload()?, (2 + 4) + (1 + 4));
/// # Ok(())
/// # }
/// ```
pub struct AnyPersistable<P>(Arc<dyn WithPayload<P>>);

/// A handle of a step with payloads of the type `P`.
trait WithPayload<P>: Send + Sync {
    fn payload(&self) -> Result<Arc<P>>;
    fn params_tree(&self) -> &ParamsTree;
    fn upstream(&self) -> Upstream;
}

impl<S: Step> WithPayload<S::Payload> for Persistable<S> {
    fn payload(&self) -> Result<Arc<S::Payload>> {
        self.payload()
    }

    fn params_tree(&self) -> &ParamsTree {
        self.params_tree()
    }

    fn upstream(&self) -> Upstream {
        Upstream(Arc::clone(&self.0) as Arc<dyn Maker>)
    }
}

impl<P> AnyPersistable<P> {
    pub(crate) fn as_upstream(&self) -> Upstream {
        self.0.upstream()
    }

    /// Returns the payload, as [`Persistable::payload`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Persistable::payload`].
    pub fn payload(&self) -> Result<Arc<P>> {
        self.0.payload()
    }

    /// Returns the payload's name.
    #[must_use]
    pub fn payload_name(&self) -> &str {
        self.params_tree().payload_name()
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.params_tree().key()
    }

    /// Returns the params of the step and of everything it depends on.
    #[must_use]
    pub fn params_tree(&self) -> &ParamsTree {
        self.0.params_tree()
    }
}

impl<S: Step> From<Persistable<S>> for AnyPersistable<S::Payload> {
    fn from(handle: Persistable<S>) -> Self {
        Self(Arc::new(handle))
    }
}

impl<S: Step> From<&Persistable<S>> for AnyPersistable<S::Payload> {
    fn from(handle: &Persistable<S>) -> Self {
        handle.clone().into()
    }
}

impl<P> Clone for AnyPersistable<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P> AsDependencies for AnyPersistable<P> {
    fn single() -> Option<Single> {
        Some(Single::OfAnyType)
    }

    fn collect(&self) -> std::result::Result<Collected, ParamError> {
        Ok(Collected::step(Single::OfAnyType, self.0.upstream()))
    }
}

/// For steps that are generic over a dependency.
impl<P: TypeName> TypeName for AnyPersistable<P> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("AnyPersistable<{}>", P::type_name()))
    }

    fn type_path() -> Cow<'static, str> {
        Cow::Owned(format!("persistable::AnyPersistable<{}>", P::type_path()))
    }
}

/// The payload name with the first half of the key, as in file names.
impl<P> fmt::Display for AnyPersistable<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.params_tree().id(), f)
    }
}

impl<P> fmt::Debug for AnyPersistable<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyPersistable({self})")
    }
}
