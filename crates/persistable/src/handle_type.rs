//! What a handle is as a type: an argument of generic types, and never a field that is not tracked.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use persistable_key::TypeName;

use crate::persistable::Persistable;
use crate::step::Step;

/// For steps that are generic over a dependency.
impl<S: Step> TypeName for Persistable<S> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("Persistable<{}>", S::type_name()))
    }

    fn type_path() -> Cow<'static, str> {
        Cow::Owned(format!("persistable::Persistable<{}>", S::type_path()))
    }
}

/// A type whose values hold steps.
pub trait HoldsSteps {}

impl<S: Step> HoldsSteps for Persistable<S> {}
impl<T: HoldsSteps> HoldsSteps for Option<T> {}
impl<T: HoldsSteps> HoldsSteps for Vec<T> {}
impl<T: HoldsSteps> HoldsSteps for VecDeque<T> {}
impl<T: HoldsSteps> HoldsSteps for [T] {}
impl<T: HoldsSteps, const N: usize> HoldsSteps for [T; N] {}
impl<T: HoldsSteps + ?Sized> HoldsSteps for &T {}
impl<T: HoldsSteps + ?Sized> HoldsSteps for Box<T> {}
impl<T: HoldsSteps + ?Sized> HoldsSteps for Rc<T> {}
impl<T: HoldsSteps + ?Sized> HoldsSteps for Arc<T> {}
impl<K, V: HoldsSteps> HoldsSteps for BTreeMap<K, V> {}
impl<K, V: HoldsSteps, S> HoldsSteps for HashMap<K, V, S> {}

/// A field marked `#[param(untracked)]`, by its type. Its method `content` tells whether it holds steps: the one of the type
/// itself takes precedence over the one of the trait [`MayHoldAnything`], and is there only for types that do.
#[derive(Debug)]
pub struct UntrackedField<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> UntrackedField<T> {
    /// Returns the field.
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }

    /// Accepts what an untracked field may hold.
    pub fn accept(_: impl Untrackable) {}
}

impl<T: HoldsSteps + ?Sized> UntrackedField<T> {
    /// Returns that it holds steps.
    pub const fn content(self) -> Steps {
        Steps
    }
}

/// Any field, for all that is known.
pub trait MayHoldAnything: Sized {
    /// Returns that it holds anything but steps.
    fn content(self) -> Anything {
        Anything
    }
}

impl<T: ?Sized> MayHoldAnything for UntrackedField<T> {}

/// An untracked field holds steps.
#[derive(Debug)]
pub struct Steps;

/// An untracked field holds anything but steps.
#[derive(Debug)]
pub struct Anything;

/// What an untracked field may hold.
#[diagnostic::on_unimplemented(
    message = "an untracked field can't hold a step: the step's params would be missing in the key",
    label = "holds a step",
    note = "write `#[param(dependency)]` in place of `#[param(untracked)]`"
)]
pub trait Untrackable {}

impl Untrackable for Anything {}
