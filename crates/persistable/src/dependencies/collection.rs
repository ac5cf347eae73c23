//! What a field that is marked as a dependency holds.

use std::any::TypeId;

use persistable_key::Value;

use super::shape::Shape;
use crate::maker::Upstream;

/// What kind of step a value holds that always holds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Single {
    /// A step of this type.
    Of(TypeId),
    /// A step of a type that is not known.
    OfAnyType,
}

/// What a field holds: steps, and where each of them stands.
#[derive(Clone, Debug)]
pub struct Collected {
    pub(super) shape: Shape,
    pub(super) steps: Vec<Upstream>,
    /// What the steps are where the shape is flat.
    pub(super) single: Option<Single>,
    /// Whether every value of the field's type holds equally many.
    pub(super) is_fixed: bool,
}

impl Collected {
    /// One step.
    #[must_use]
    pub fn step(single: Single, step: Upstream) -> Self {
        Self { shape: Shape::Step, steps: vec![step], single: Some(single), is_fixed: true }
    }

    /// Steps of one kind in a row.
    pub(super) fn flat(shape: Shape, single: Single, is_fixed: bool, steps: Vec<Upstream>) -> Self {
        Self { shape, steps, single: Some(single), is_fixed }
    }

    /// Steps at places that the shape tells.
    pub(super) fn shaped(shape: Shape, steps: Vec<Upstream>) -> Self {
        Self { shape, steps, single: None, is_fixed: false }
    }

    /// Returns the same places with other steps at them.
    pub(crate) fn map_steps(self, change: impl FnMut(Upstream) -> Upstream) -> Self {
        Self { steps: self.steps.into_iter().map(change).collect(), ..self }
    }

    /// Returns what people see, with the steps as in errors.
    pub(super) fn shown(&self) -> Value {
        self.shape.shown(&mut self.steps.iter().map(|step| step.0.tree().id().to_string()))
    }
}
