//! Whether a field holds steps, by its type: what the derive asks the compiler.

use std::marker::PhantomData;

use persistable_key::{Param, ParamError, Value};

use crate::dependencies::AsDependencies;

/// The type of a field. Its method `content` tells whether it holds steps: the one of the type itself takes precedence over the
/// one of the trait [`MayHoldAnything`], and is there only for types that do.
#[derive(Debug)]
pub struct FieldType<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> FieldType<T> {
    /// Returns the type.
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }

    /// Accepts what an untracked field may hold.
    pub fn accept_untracked(_: impl Untrackable) {}
}

impl<T: AsDependencies + ?Sized> FieldType<T> {
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

impl<T: ?Sized> MayHoldAnything for FieldType<T> {}

/// A field holds steps.
#[derive(Debug)]
pub struct Steps;

/// A field holds anything but steps.
#[derive(Debug)]
pub struct Anything;

/// What an untracked field may hold.
#[diagnostic::on_unimplemented(
    message = "an untracked field can't hold a step: the step's params would be missing in the key",
    label = "holds a step: write `#[param(dependency)]` in place of `#[param(untracked)]`"
)]
pub trait Untrackable {}

impl Untrackable for Anything {}

impl Anything {
    /// Encodes a field that holds anything but steps.
    ///
    /// # Errors
    ///
    /// Those of [`Param::to_value`].
    pub fn encode<T: Param + ?Sized>(self, field: &T) -> Result<Value, ParamError> {
        field.to_value()
    }
}

impl Steps {
    /// Stands where a field that holds steps is not marked as a dependency, and does not compile there.
    ///
    /// # Errors
    ///
    /// Never: nothing calls it.
    pub fn encode<T: MarkedAsDependency + ?Sized>(self, _: &T) -> Result<Value, ParamError> {
        Err(ParamError::new("dependency", "is not marked as one", "write `#[param(dependency)]` above the field"))
    }
}

/// What a field can hold that is not marked as a dependency, although its type holds steps: nothing.
#[diagnostic::on_unimplemented(
    message = "a field that holds a step is a dependency, and not a parameter",
    label = "holds a step: write `#[param(dependency)]` above this field"
)]
pub trait MarkedAsDependency {}
