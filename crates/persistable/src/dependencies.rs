//! The steps that a step depends on.

use std::borrow::Cow;

use persistable_key::{Fields, Param};

use crate::params_tree::ParamsTree;

/// The steps that a step depends on, in the order in which it declares them.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    trees: Vec<ParamsTree>,
    places: Vec<Place>,
}

/// A field that holds dependencies.
#[derive(Clone, Debug)]
struct Place {
    name: Cow<'static, str>,
    count: usize,
    is_fixed: bool,
}

impl Dependencies {
    /// Returns none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the field `name` holds.
    pub fn push_field<D: AsDependencies + ?Sized>(&mut self, name: impl Into<Cow<'static, str>>, field: &D) {
        let before = self.trees.len();
        field.add_to(self);
        let count = self.trees.len() - before;
        self.places.push(Place { name: name.into(), count, is_fixed: D::IS_FIXED });
    }

    /// Returns the params trees of the dependencies.
    #[must_use]
    pub fn params_trees(&self) -> &[ParamsTree] {
        &self.trees
    }

    pub(crate) fn push(&mut self, tree: ParamsTree) {
        self.trees.push(tree);
    }

    pub(crate) fn into_params_trees(self) -> Vec<ParamsTree> {
        self.trees
    }
}

/// What a field marked `#[param(dependency)]` can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold dependencies",
    note = "a field marked `#[param(dependency)]` is a `Persistable`, or an `Option`, `Vec` or array of them"
)]
pub trait AsDependencies {
    /// Whether every value of this type holds equally many.
    const IS_FIXED: bool;

    /// Adds what this value holds.
    fn add_to(&self, dependencies: &mut Dependencies);
}

impl<D: AsDependencies + ?Sized> AsDependencies for &D {
    const IS_FIXED: bool = D::IS_FIXED;

    fn add_to(&self, dependencies: &mut Dependencies) {
        (**self).add_to(dependencies);
    }
}

impl<D: AsDependencies> AsDependencies for Option<D> {
    const IS_FIXED: bool = false;

    fn add_to(&self, dependencies: &mut Dependencies) {
        self.iter().for_each(|dependency| dependency.add_to(dependencies));
    }
}

impl<D: AsDependencies> AsDependencies for Vec<D> {
    const IS_FIXED: bool = false;

    fn add_to(&self, dependencies: &mut Dependencies) {
        self.iter().for_each(|dependency| dependency.add_to(dependencies));
    }
}

impl<D: AsDependencies, const N: usize> AsDependencies for [D; N] {
    const IS_FIXED: bool = D::IS_FIXED;

    fn add_to(&self, dependencies: &mut Dependencies) {
        self.iter().for_each(|dependency| dependency.add_to(dependencies));
    }
}

/// Adds the fields by which `spec/key-v1.md` tells apart which dependency stands in which place.
pub fn push_varying(fields: &mut Fields, dependencies: &Dependencies) {
    if dependencies.places.len() < 2 {
        return;
    }
    for place in dependencies.places.iter().filter(|place| !place.is_fixed) {
        if let Ok(count) = place.count.to_value() {
            fields.push(place.name.clone(), count);
        }
    }
}
