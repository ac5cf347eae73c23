//! The steps that a step depends on.

use std::any::TypeId;
use std::borrow::Cow;

use persistable_key::{Fields, Param, ParamError};

use crate::maker::Upstream;
use crate::params_tree::ParamsTree;

/// The steps that a step depends on, by the field that holds them. The derive collects them.
#[derive(Clone, Debug, Default)]
pub struct Dependencies(Vec<Place>);

/// A field that holds dependencies.
#[derive(Clone, Debug)]
struct Place {
    name: Cow<'static, str>,
    step: TypeId,
    is_fixed: bool,
    trees: Vec<ParamsTree>,
    /// The steps themselves, as far as they are known.
    upstream: Vec<Upstream>,
}

impl Dependencies {
    /// Returns none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the field `name` holds.
    pub fn push_field<D: AsDependencies + ?Sized>(&mut self, name: impl Into<Cow<'static, str>>, field: &D) {
        let (step, is_fixed) = (TypeId::of::<D::Step>(), D::IS_FIXED);
        let (trees, upstream) = (field.params_trees(), field.upstream());
        self.0.push(Place { name: name.into(), step, is_fixed, trees, upstream });
    }

    /// Returns the params trees of the dependencies, in the order in which they were added.
    pub fn params_trees(&self) -> impl Iterator<Item = &ParamsTree> {
        self.0.iter().flat_map(|place| &place.trees)
    }

    /// Returns the dependencies as the key lists them, with the steps where they are known, and adds to `params` what tells their places
    /// apart where the list alone does not; see `spec/key-v1.md`.
    pub(crate) fn into_keyed(
        mut self,
        params: &mut Fields,
    ) -> Result<(Vec<ParamsTree>, Vec<Option<Upstream>>), ParamError> {
        if self.is_ambiguous() {
            self.0.sort_by(|a, b| (a.name.len(), &a.name).cmp(&(b.name.len(), &b.name)));
            for place in &self.0 {
                params.push_unshown(place.name.clone(), place.trees.len().to_value()?);
            }
        }
        let with_steps = |place: Place| {
            let steps = place.upstream.into_iter().map(Some).chain(std::iter::repeat(None));
            place.trees.into_iter().zip(steps).collect::<Vec<_>>()
        };
        Ok(self.0.into_iter().flat_map(with_steps).unzip())
    }

    /// Whether the same list could stand for other dependencies in other places, of this step or of one whose fields
    /// were reordered.
    fn is_ambiguous(&self) -> bool {
        let mut steps: Vec<TypeId> = self.0.iter().map(|place| place.step).collect();
        steps.sort_unstable();
        steps.dedup();
        let varies = self.0.iter().any(|place| !place.is_fixed);
        steps.len() < self.0.len() || (varies && self.0.len() > 1)
    }
}

/// What a field marked `#[param(dependency)]` can hold: a [`Persistable`](crate::Persistable), or an `Option`, a `Vec` or
/// an array of them.
///
/// Nothing nests deeper: of a list of lists, one list of dependencies would not tell where each ends.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold dependencies",
    note = "a field marked `#[param(dependency)]` is a `Persistable`, or an `Option`, `Vec` or array of them"
)]
pub trait AsDependencies {
    /// The type of the steps.
    type Step: 'static;

    /// Whether every value of this type holds equally many.
    const IS_FIXED: bool;

    /// Returns the params trees of the steps, in order.
    fn params_trees(&self) -> Vec<ParamsTree>;

    /// Returns the steps, in the same order; none where they are not known. Then it is not noticed when their code changes.
    #[doc(hidden)]
    fn upstream(&self) -> Vec<Upstream> {
        Vec::new()
    }
}
