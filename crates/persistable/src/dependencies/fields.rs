//! All fields of a step that hold steps.

use std::borrow::Cow;

use persistable_key::{Fields, ParamError, Value};

use super::as_dependencies::AsDependencies;
use super::collection::{Collected, Single};
use super::shape::Shape;
use crate::maker::Upstream;
use crate::params_tree::ParamsTree;

/// The steps that a step depends on, by the field that holds them. The derive collects them.
#[derive(Clone, Debug, Default)]
pub struct Dependencies(Vec<Result<Field, ParamError>>);

/// A field with what it holds.
#[derive(Clone, Debug)]
struct Field {
    /// The name people see.
    name: Cow<'static, str>,
    keyed_name: Cow<'static, str>,
    held: Collected,
    presence: Presence,
}

/// Whether a field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    /// It was there from the beginning.
    Always,
    /// It was added later, and holds something else than its default.
    Added,
    /// It was added later, and holds its default.
    Absent,
}

impl Dependencies {
    /// Returns none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the field `name` holds.
    pub fn push_field<D: AsDependencies + ?Sized>(&mut self, name: impl Into<Cow<'static, str>>, field: &D) {
        let name = name.into();
        self.push_declared(name.clone(), name, field.collect(), None);
    }

    /// Adds what a field holds that is in the key as `keyed_name`. If it was added later, `default` is what it held until then: while
    /// it holds that, it is not in the key.
    #[doc(hidden)]
    pub fn push_declared(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        keyed_name: impl Into<Cow<'static, str>>,
        held: Result<Collected, ParamError>,
        default: Option<Result<Collected, ParamError>>,
    ) {
        let name = name.into();
        let presence = |held: &Collected| match default {
            None => Ok(Presence::Always),
            Some(default) => presence_of_added(held, &default?),
        };
        let field = held.and_then(|held| Ok((presence(&held)?, held)));
        self.0.push(match field {
            Ok((presence, held)) => Ok(Field { name, keyed_name: keyed_name.into(), held, presence }),
            Err(error) => Err(error.in_field(&name)),
        });
    }

    /// Returns the params trees of the dependencies, in the order in which they were added.
    pub fn params_trees(&self) -> impl Iterator<Item = &ParamsTree> {
        self.0.iter().flatten().flat_map(|field| field.held.steps.iter().map(|step| step.0.tree()))
    }

    /// Returns the dependencies as the key lists them, and adds to `params` what tells where each stands, as far as the list alone
    /// does not; see `spec/key-v1.md`.
    pub(crate) fn into_keyed(
        self,
        params: &mut Fields,
    ) -> Result<(Vec<ParamsTree>, Vec<Option<Upstream>>), ParamError> {
        let mut fields = self.0.into_iter().collect::<Result<Vec<_>, _>>()?;
        for field in &fields {
            field.show(params);
        }
        fields.retain(|field| field.presence != Presence::Absent);
        // What holds no steps at present counts as any other param does.
        let is_param = |field: &mut Field| field.held.steps.is_empty() && !field.held.shape.is_place();
        for field in fields.extract_if(.., is_param) {
            params.push_unshown(field.keyed_name, field.held.shape.keyed()?);
        }
        if let [field] = &*fields
            && let Some(entries) = field.entries_as_places(params)
        {
            for (name, shape) in entries {
                params.push_unshown(name.to_owned(), shape.keyed()?);
            }
        } else if is_ambiguous(&fields) {
            sort(&mut fields);
            for field in &fields {
                params.push_unshown(field.keyed_name.clone(), field.held.shape.keyed()?);
            }
        }
        let steps = fields.into_iter().flat_map(|field| field.held.steps);
        Ok(steps.map(|step| (step.0.tree().clone(), Some(step))).unzip())
    }

    /// Returns the steps in a struct or a variant, with its other fields: there, each field that holds steps counts by its name.
    pub(super) fn into_record(self, type_name: Cow<'static, str>, mut params: Fields) -> Result<Collected, ParamError> {
        let mut fields = self.0.into_iter().collect::<Result<Vec<_>, _>>()?;
        for field in fields.iter().filter(|field| field.presence == Presence::Absent) {
            field.show(&mut params);
        }
        fields.retain(|field| field.presence != Presence::Absent);
        sort(&mut fields);
        let (mut places, mut steps) = (Vec::new(), Vec::new());
        for field in fields {
            places.push((field.keyed_name, field.held.shape));
            steps.extend(field.held.steps);
        }
        Ok(Collected::shaped(Shape::Record { type_name, params, places }, steps))
    }
}

impl Field {
    /// Shows people what the names of the steps alone would not tell them.
    fn show(&self, params: &mut Fields) {
        if !self.held.shape.is_flat() {
            params.push_shown(self.name.clone(), self.held.shown());
        }
    }

    /// Returns the entries of a map if they can be fields of the step: the only field with steps needs no name, and names that
    /// params have would be taken.
    fn entries_as_places(&self, params: &Fields) -> Option<Vec<(&str, &Shape)>> {
        if self.presence == Presence::Added {
            return None;
        }
        let entries = self.held.shape.named_entries()?;
        let taken = params.to_json();
        let is_free = entries.iter().all(|(name, _)| !taken.contains_key(*name));
        is_free.then_some(entries)
    }
}

/// Sorts fields as a key does.
fn sort(fields: &mut [Field]) {
    fields.sort_by(|a, b| (a.keyed_name.len(), &a.keyed_name).cmp(&(b.keyed_name.len(), &b.keyed_name)));
}

/// Whether the same list of steps could stand for other dependencies in other fields, of this step or of one whose fields
/// were reordered.
fn is_ambiguous(fields: &[Field]) -> bool {
    if fields.iter().any(|field| field.presence == Presence::Added || !field.held.shape.is_flat()) {
        return true;
    }
    let mut kinds: Vec<Option<Single>> = fields.iter().map(|field| field.held.single).collect();
    let varies = kinds.contains(&Some(Single::OfAnyType)) || fields.iter().any(|field| !field.held.is_fixed);
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() < fields.len() || (varies && fields.len() > 1)
}

fn presence_of_added(held: &Collected, default: &Collected) -> Result<Presence, ParamError> {
    if !default.steps.is_empty() {
        let advice = "give a default without any, such as `None` or `Vec::new()`";
        return Err(ParamError::new("dependency", "was added with a default that holds steps", advice));
    }
    let bytes = |shape: &Shape| shape.keyed().and_then(|value: Value| value.canonical_bytes());
    let is_default = held.steps.is_empty() && bytes(&held.shape)? == bytes(&default.shape)?;
    Ok(if is_default { Presence::Absent } else { Presence::Added })
}
