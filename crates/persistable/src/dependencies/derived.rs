//! What the derive writes for structs and enums that hold steps.

use std::borrow::Cow;

use persistable_key::{Fields, ParamError, Value};

use super::collection::Collected;
use super::fields::Dependencies;
use super::shape::Shape;
use crate::maker::Upstream;

/// Returns what a struct holds, of its fields.
///
/// # Errors
///
/// Those of the fields.
pub fn collected(
    type_name: impl Into<Cow<'static, str>>,
    params: Fields,
    dependencies: Dependencies,
) -> Result<Collected, ParamError> {
    dependencies.into_record(type_name.into(), params)
}

/// Returns what a variant holds, of the enum's name, its own, and its data if it has any.
#[must_use]
pub fn variant(type_name: impl Into<Cow<'static, str>>, name: &'static str, data: Option<Collected>) -> Collected {
    let (data, steps) = data.map(|data| (Box::new(data.shape), data.steps)).unzip();
    Collected::shaped(Shape::Variant { type_name: type_name.into(), name, data }, steps.unwrap_or_default())
}

/// Returns what a variant holds whose fields have names. One that can have no field in its key is then as one without data.
///
/// # Errors
///
/// Those of the fields.
pub fn named_variant(
    type_name: impl Into<Cow<'static, str>>,
    name: &'static str,
    params: Fields,
    dependencies: Dependencies,
    can_be_empty: bool,
) -> Result<Collected, ParamError> {
    let data = collected("", params, dependencies)?;
    let is_empty = match &data.shape {
        Shape::Record { params, places, .. } if can_be_empty && places.is_empty() => {
            params.digest()? == Fields::new().digest()?
        }
        _ => false,
    };
    Ok(variant(type_name, name, (!is_empty).then_some(data)))
}

/// The data of a variant whose fields have no names.
#[derive(Debug, Default)]
pub struct Positional {
    shapes: Vec<Shape>,
    steps: Vec<Upstream>,
}

impl Positional {
    /// Returns none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field that holds no steps.
    pub fn push_param(&mut self, value: Value) {
        self.shapes.push(Shape::Param(value));
    }

    /// Adds a field that holds steps.
    pub fn push_dependency(&mut self, held: Collected) {
        self.shapes.push(Shape::Dependency(Box::new(held.shape)));
        self.steps.extend(held.steps);
    }

    /// Returns what the fields hold.
    #[must_use]
    pub fn into_data(self) -> Collected {
        Collected::shaped(Shape::Tuple(self.shapes), self.steps)
    }
}
