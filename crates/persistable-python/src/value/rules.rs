//! What an object says about its fields.

use persistable::Value;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::containers::Convert;
use super::failure::{Failure, refused};
use super::guards::Encoders;
use super::layout::{Declared, FieldSource, Layout};
use crate::once::intern;

/// What an object says about its fields, by the attributes that its class declares.
pub(super) struct FieldRules<'py> {
    excluded: Option<Bound<'py, PyAny>>,
    defaults: Option<Bound<'py, PyDict>>,
    renamed: Option<Bound<'py, PyDict>>,
    /// The names that occurred, to find those that are misspelt.
    seen: Vec<String>,
    /// How many of these are excluded.
    excluded_count: usize,
}

impl<'py> FieldRules<'py> {
    pub(super) fn of(object: &Bound<'py, PyAny>, declared: Declared) -> Result<Self, Failure> {
        let py = object.py();
        let excluded = declared.excluded.then(|| excluded_of(object)).transpose()?;
        let defaults = declared.defaults.then(|| dict_of(object, intern!(py, "_added_with_defaults"))).transpose()?;
        let renamed = declared.renamed.then(|| dict_of(object, intern!(py, "_renamed_attributes"))).transpose()?;
        Ok(Self { excluded, defaults, renamed, seen: Vec::new(), excluded_count: 0 })
    }

    pub(super) fn excludes(&mut self, name: &str) -> PyResult<bool> {
        self.seen.push(String::from(name));
        let is_excluded = self.excluded.as_ref().map_or(Ok(false), |excluded| excluded.contains(name))?;
        self.excluded_count += usize::from(is_excluded);
        Ok(is_excluded)
    }

    pub(super) fn is_default(&self, name: &str, value: &Value, value_of: Convert) -> Result<bool, Failure> {
        let Some(defaults) = &self.defaults else { return Ok(false) };
        match defaults.get_item(name)? {
            Some(default) => Ok(value_of(&default)?.canonical_bytes()? == value.canonical_bytes()?),
            None => Ok(false),
        }
    }

    pub(super) fn earlier_name(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(renamed) = &self.renamed else { return Ok(None) };
        let earlier = renamed.get_item(name)?;
        Ok(earlier.map(|earlier| earlier.extract()).transpose()?)
    }

    pub(super) fn check_names(&self, object: &Bound<'_, PyAny>) -> Result<(), Failure> {
        let named = [("_added_with_defaults", &self.defaults), ("_renamed_attributes", &self.renamed)];
        for (attribute, dict) in named {
            for name in dict.iter().flat_map(|dict| dict.keys()) {
                let name = name.extract::<String>()?;
                if !self.seen.contains(&name) {
                    let problem = format!("has a `{attribute}` that names `{name}`, which is not a field");
                    let nearest = misspelt(object.py())?.call_method1("nearest", (name, &self.seen))?;
                    let advice = match nearest.extract::<Option<String>>()? {
                        Some(nearest) => format!("write `{nearest}`"),
                        None => "name a field of the present class".into(),
                    };
                    return Err(refused(object, problem, advice));
                }
            }
        }
        self.check_excluded(object)
    }

    /// Refuses a name that is excluded and surely misspelt. Most objects have all of these names.
    fn check_excluded(&self, object: &Bound<'_, PyAny>) -> Result<(), Failure> {
        let Some(excluded) = &self.excluded else { return Ok(()) };
        // What has no length is not a set of names, and may be anything.
        if excluded.len().map_or(true, |count| count <= self.excluded_count) {
            return Ok(());
        }
        let found = misspelt(object.py())?.call_method1("misspelt", (object, excluded, &self.seen))?;
        match found.extract::<Option<(String, String)>>()? {
            Some((name, advice)) => {
                let problem = format!(
                    "has a `_excluded_attributes` that names `{name}`, which is not a field and not an attribute"
                );
                Err(refused(object, problem, advice))
            }
            None => Ok(()),
        }
    }
}

fn misspelt(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import(intern!(py, "persistable._misspelt"))
}

/// Puts the encoders in force that an object brings for its fields. Its own `to_dict` has applied them already.
pub(super) fn encoders_of(object: &Bound<'_, PyAny>, layout: &Layout) -> Result<Encoders, Failure> {
    let py = object.py();
    if matches!(layout.source, FieldSource::ToDict) {
        return Ok(Encoders::new(None));
    }
    let by_type = dict_of(object, intern!(py, "_custom_type_encoder_map"))?;
    Ok(Encoders::new((!by_type.is_empty()).then(|| by_type.unbind())))
}

fn dict_of<'py>(object: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> Result<Bound<'py, PyDict>, Failure> {
    match object.getattr(name)?.cast_into::<PyDict>() {
        Ok(dict) => Ok(dict),
        Err(_) => Err(refused(object, format!("has a `{name}` that is no dict"), "let it be a dict")),
    }
}

/// Returns the names of what is excluded. In a text each of its letters, and each part of it, would count as one.
fn excluded_of<'py>(object: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Failure> {
    let excluded = object.getattr(intern!(object.py(), "_excluded_attributes"))?;
    if excluded.is_instance_of::<PyString>() {
        let advice = format!("write a set, {{{}}}", excluded.repr()?);
        return Err(refused(object, "has a `_excluded_attributes` that is one text, no set of names", advice));
    }
    Ok(excluded)
}
