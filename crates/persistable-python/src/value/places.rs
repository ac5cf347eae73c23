//! The arguments of a step's function that hold steps, where a list of the steps does not tell where each stands.

use std::collections::{HashMap, HashSet};

use persistable::__private::{InputUse, collect};
use persistable::{Fields, Value};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::argument::Argument;
use super::convert::value_of;
use super::failure::{Failure, Problem};
use super::fields;
use super::guards::{Encoders, Fresh};
use super::shape::{shape_of, shown, steps_in};
use crate::once::{ImportedClass, intern};

/// The arguments that hold steps.
pub(crate) struct Places<'py> {
    /// In the order of their names in the key.
    places: Vec<Place>,
    /// The names in the key of all of the function's parameters.
    names: HashSet<String>,
    /// The names in the key of the parameters that were added later.
    added: HashSet<String>,
    pub(crate) steps: Vec<Bound<'py, PyAny>>,
    pub(crate) inputs: Vec<InputUse>,
}

struct Place {
    name: String,
    keyed_name: String,
    is_added: bool,
    argument: Argument,
}

impl<'py> Places<'py> {
    /// Returns the places that a step's dependencies are in; `None` where they are given in another way.
    pub(crate) fn of(step: &Bound<'py, PyAny>, declared: &Bound<'py, PyDict>) -> Result<Option<Self>, Problem> {
        let py = step.py();
        static CLASS: ImportedClass = ImportedClass::new("persistable._dependencies", "Places");
        if !declared.get_type().is(CLASS.get(py)?) {
            return Ok(None);
        }
        let function = function_of(step)?;
        let renamed: HashMap<String, String> = function.getattr(intern!(py, "_renamed_attributes"))?.extract()?;
        let keyed = |name: String| renamed.get(&name).cloned().unwrap_or(name);
        let defaults = function.getattr(intern!(py, "_added_with_defaults"))?.cast_into::<PyDict>();
        let defaults: Vec<String> = defaults.map_err(PyErr::from)?.keys().extract()?;
        let added: HashSet<String> = defaults.into_iter().map(keyed).collect();
        let mut named = Vec::new();
        for (name, argument) in declared.iter() {
            let name: String = name.extract()?;
            let keyed_name = keyed(name.clone());
            let is_added = added.contains(&keyed_name);
            named.push((name, keyed_name, is_added, argument));
        }
        named.sort_by(|(_, a, ..), (_, b, ..)| (a.len(), a).cmp(&(b.len(), b)));
        let mut steps = Vec::new();
        let (places, inputs) = collect(|| {
            let _fresh = Fresh::new();
            let _encoders = encoders_of(&function)?;
            let mut places = Vec::new();
            for (name, keyed_name, is_added, argument) in named {
                let argument = Argument::of(&argument, &mut steps).map_err(|failure| failure.in_field(&name))?;
                places.push(Place { name, keyed_name, is_added, argument });
            }
            Ok::<_, Failure>(places)
        });
        let names: HashSet<String> = function.getattr(intern!(py, "parameter_names"))?.extract()?;
        let names = names.into_iter().map(keyed).collect();
        Ok(Some(Self { places: places?, names, added, steps, inputs }))
    }

    /// Adds to a step's fields what tells where its steps stand. `ids` are names of the steps, for people.
    pub(crate) fn push(&self, fields: &mut Fields, ids: Vec<String>) {
        let step_count = ids.len();
        let mut ids = ids.into_iter();
        for place in &self.places {
            let shown = shown(&place.argument, &mut ids);
            if !place.argument.is_flat() {
                fields.push_shown(place.name.clone(), shown);
            }
        }
        if let Some(entries) = self.entries_as_places() {
            for (name, shape) in entries {
                fields.push_unshown(name, shape);
            }
            return;
        }
        let shapes: Vec<(String, Value)> =
            self.places.iter().map(|place| (place.keyed_name.clone(), shape_of(&place.argument))).collect();
        let mark = if is_ambiguous(fields, &shapes, &self.added, step_count) { "[]" } else { "" };
        for (name, shape) in shapes {
            fields.push_unshown(format!("{name}{mark}"), shape);
        }
    }

    /// Returns the entries of a map that is the only argument with steps, if they can be fields of the step.
    fn entries_as_places(&self) -> Option<Vec<(String, Value)>> {
        let [Place { is_added: false, argument: argument @ Argument::Map(_), .. }] = &*self.places else { return None };
        let Value::Map(entries) = shape_of(argument) else { return None };
        if argument.is_mixed() {
            return None;
        }
        let named = entries.into_iter().map(|(key, shape)| match key {
            Value::Text(name) if !self.names.contains(&name) && !name.ends_with("[]") => Some((name, shape)),
            _ => None,
        });
        named.collect()
    }
}

/// Whether other fields than the shapes might hold the steps, by what their values say. Fields whose values are all numbers
/// might not, unless one was added: then none of them would be there.
fn is_ambiguous(fields: &Fields, shapes: &[(String, Value)], added: &HashSet<String>, step_count: usize) -> bool {
    // How many choices of fields hold so many steps, without and with one that is more than a number.
    let mut choices: HashMap<(usize, bool), usize> = HashMap::from([((0, false), 1)]);
    for (name, value) in fields.iter().chain(shapes.iter().map(|(name, value)| (&**name, value))) {
        let Some(number) = steps_in(value).filter(|number| (1..=step_count).contains(number)) else { continue };
        let is_more = !matches!(value, Value::Int(_)) || added.contains(name);
        let with_it: Vec<_> =
            choices.iter().map(|((sum, is), count)| ((sum + number, *is || is_more), *count)).collect();
        for (choice, count) in with_it.into_iter().filter(|((sum, _), _)| *sum <= step_count) {
            let choices = choices.entry(choice).or_default();
            *choices = choices.saturating_add(count);
        }
    }
    choices.get(&(step_count, true)).is_some_and(|count| *count > 1)
}

/// Returns the params of a step's function as fields, by what the options of `step` say about them.
pub(crate) fn fields_of_function(step: &Bound<'_, PyAny>, params: &Bound<'_, PyDict>) -> Result<Fields, Problem> {
    let function = function_of(step)?;
    let fields = {
        let _fresh = Fresh::new();
        let _encoders = encoders_of(&function)?;
        fields::of_function(params, &function, value_of)
    };
    Ok(fields?)
}

/// Returns what is known of the function that a step is made of.
fn function_of<'py>(step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = step.py();
    step.getattr(intern!(py, "_definition"))?.getattr(intern!(py, "called"))
}

fn encoders_of(function: &Bound<'_, PyAny>) -> Result<Encoders, Failure> {
    let by_type = function.getattr(intern!(function.py(), "_custom_type_encoder_map"))?;
    let by_type = by_type.cast_into::<PyDict>().map_err(PyErr::from)?;
    Ok(Encoders::new((!by_type.is_empty()).then(|| by_type.unbind())))
}
