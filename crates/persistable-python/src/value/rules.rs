//! What an object says about its fields.

use persistable::Value;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::containers::Convert;
use super::failure::{Failure, refused};
use super::guards::Encoders;
use super::layout::{Layout, Source};
use crate::once::intern;

/// What an object says about its fields, by the attributes that its class declares.
pub(super) struct Rules<'py> {
    excluded: Option<Bound<'py, PyAny>>,
    defaults: Option<Bound<'py, PyDict>>,
    renamed: Option<Bound<'py, PyDict>>,
    /// The names that occurred, to find those in the dicts that are misspelt.
    seen: Vec<String>,
}

impl<'py> Rules<'py> {
    pub(super) fn of(object: &Bound<'py, PyAny>, layout: &Layout) -> Result<Self, Failure> {
        let py = object.py();
        let declared = layout.rules;
        let excluded = declared.excluded.then(|| excluded_of(object)).transpose()?;
        let defaults = declared.defaults.then(|| dict_of(object, intern!(py, "_added_with_defaults"))).transpose()?;
        let renamed = declared.renamed.then(|| dict_of(object, intern!(py, "_renamed_attributes"))).transpose()?;
        Ok(Self { excluded, defaults, renamed, seen: Vec::new() })
    }

    pub(super) fn excludes(&mut self, name: &str) -> PyResult<bool> {
        if self.defaults.is_some() || self.renamed.is_some() {
            self.seen.push(String::from(name));
        }
        self.excluded.as_ref().map_or(Ok(false), |excluded| excluded.contains(name))
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
                    let problem = format!("has a `{attribute}` that names `{name}`, which is no field");
                    return Err(refused(object, problem, "name a field of the present class"));
                }
            }
        }
        Ok(())
    }
}

/// Puts the encoders in force that an object brings for its fields. Its own `to_dict` has applied them already.
pub(super) fn encoders_of(object: &Bound<'_, PyAny>, layout: &Layout) -> Result<Encoders, Failure> {
    let py = object.py();
    if matches!(layout.source, Source::ToDict) {
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
        let advice = format!("let it be a set, {{{}}}", excluded.repr()?);
        return Err(refused(object, "has a `_excluded_attributes` that is one text, no set of names", advice));
    }
    Ok(excluded)
}
