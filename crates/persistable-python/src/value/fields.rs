//! The fields of an object.

use persistable::{Fields, Value};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::containers::Convert;
use super::failure::{Failure, refused};
use super::layout::{Attribute, Declared, FieldSource, Layout};
use super::names::brief;
use super::rules::{FieldRules, encoders_of};
use super::scalars::text_of;
use crate::once::intern;

/// Returns the fields of an object of the type that has this layout.
pub(super) fn read(object: &Bound<'_, PyAny>, layout: &Layout, value_of: Convert) -> Result<Fields, Failure> {
    let capacity = layout.fields.len();
    let mut reader = Reader { fields: Fields::with_capacity(capacity), rules: None, value_of };
    let _encoders;
    if layout.rules.any() {
        reader.rules = Some(FieldRules::of(object, layout.rules)?);
        if layout.rules.encoders {
            _encoders = encoders_of(object, layout)?;
        }
    }
    match &layout.source {
        FieldSource::Attributes => reader.read_attributes(object, layout)?,
        FieldSource::ToDict => reader.read_dict(object)?,
        FieldSource::Reader(read) => {
            let fields = read.bind(object.py()).call1((object,))?;
            reader.push_items(fields.cast().map_err(PyErr::from)?)?;
        }
    }
    reader.finish(object)
}

struct Reader<'py> {
    fields: Fields,
    rules: Option<FieldRules<'py>>,
    value_of: Convert,
}

impl<'py> Reader<'py> {
    fn read_dict(&mut self, object: &Bound<'py, PyAny>) -> Result<(), Failure> {
        let py = object.py();
        let dict = object.call_method0(intern!(py, "to_dict"))?;
        let Ok(dict) = dict.cast::<PyDict>() else {
            return Err(refused(object, "has a `to_dict` that returns no dict", "let it return field → value"));
        };
        self.push_items(dict)
    }

    /// Adds the entries of a dict whose keys are names.
    fn push_items(&mut self, dict: &Bound<'py, PyDict>) -> Result<(), Failure> {
        for item in dict.items() {
            let (key, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            let Ok(name) = key.cast_exact::<PyString>() else {
                let failure = refused(&key, "is no name of a field", "use texts as keys");
                return Err(failure.at_key(brief(&key)));
            };
            self.push(text_of(name)?, &value)?;
        }
        Ok(())
    }

    fn read_attributes(&mut self, object: &Bound<'py, PyAny>, layout: &Layout) -> Result<(), Failure> {
        let py = object.py();
        let dict =
            if layout.has_dict { object.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>().ok() } else { None };
        let mut found_in_dict = 0;
        for field in &layout.fields {
            let entry = match &dict {
                Some(dict) if field.is_in_dict => dict.get_item(field.name.bind(py))?,
                _ => None,
            };
            found_in_dict += usize::from(entry.is_some());
            let value = match entry {
                Some(value) => Some(value),
                None => attribute(object, field)?,
            };
            match value {
                Some(value) => self.push(field.text.clone(), &value)?,
                None => return Err(missing(object, field)),
            }
        }
        for slot in &layout.slots {
            if let Some(value) = attribute(object, slot)? {
                self.push(slot.text.clone(), &value)?;
            }
        }
        match dict {
            Some(dict) if dict.len() > found_in_dict => self.push_others(&dict, layout),
            _ => Ok(()),
        }
    }

    /// Adds what an object has besides the fields of its class.
    fn push_others(&mut self, dict: &Bound<'py, PyDict>, layout: &Layout) -> Result<(), Failure> {
        for item in dict.items() {
            let (key, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            // Only texts can be attributes.
            let Ok(name) = key.cast::<PyString>() else { continue };
            let name = text_of(name)?;
            if layout.counts(&name) {
                self.push(name, &value)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, name: String, object: &Bound<'py, PyAny>) -> Result<(), Failure> {
        let Some(rules) = &mut self.rules else { return push(&mut self.fields, name, object, self.value_of) };
        if rules.excludes(&name)? {
            return Ok(());
        }
        let value = match (self.value_of)(object) {
            Err(Failure::Excluded(shown)) => {
                self.fields.extend_shown(name, *shown);
                return Ok(());
            }
            value => value.map_err(|failure| failure.in_field(&name))?,
        };
        let is_default = rules.is_default(&name, &value, self.value_of).map_err(|failure| failure.in_field(&name))?;
        match rules.earlier_name(&name)? {
            _ if is_default => self.fields.push_shown(name, value),
            Some(earlier) => self.fields.push_renamed(name, earlier, value),
            None => self.fields.push(name, value),
        }
        Ok(())
    }

    fn finish(self, object: &Bound<'_, PyAny>) -> Result<Fields, Failure> {
        if let Some(rules) = self.rules {
            rules.check_names(object)?;
        }
        Ok(self.fields)
    }
}

/// Adds an object as the field of this name.
pub(super) fn push(
    fields: &mut Fields,
    name: String,
    object: &Bound<'_, PyAny>,
    value_of: Convert,
) -> Result<(), Failure> {
    match value_of(object) {
        Ok(value) => fields.push(name, value),
        Err(Failure::Excluded(shown)) => fields.extend_shown(name, *shown),
        Err(failure) => return Err(failure.in_field(&name)),
    }
    Ok(())
}

/// Returns the entries of a dict as fields.
pub(super) fn of_dict(dict: &Bound<'_, PyDict>, value_of: Convert) -> Result<Fields, Failure> {
    let mut reader = Reader { fields: Fields::with_capacity(dict.len()), rules: None, value_of };
    reader.push_items(dict)?;
    Ok(reader.fields)
}

/// Returns the params of a function as fields. `function` has what is said about them under the names that classes use.
pub(super) fn of_function(
    dict: &Bound<'_, PyDict>,
    function: &Bound<'_, PyAny>,
    value_of: Convert,
) -> Result<Fields, Failure> {
    let declared = Declared { excluded: false, encoders: true, defaults: true, renamed: true };
    let rules = Some(FieldRules::of(function, declared)?);
    let mut reader = Reader { fields: Fields::with_capacity(dict.len()), rules, value_of };
    reader.push_items(dict)?;
    Ok(reader.fields)
}

trait ExtendShown {
    fn extend_shown(&mut self, name: String, value: Option<Value>);
}

impl ExtendShown for Fields {
    /// Adds a field that is not in the key, if there is something to show.
    fn extend_shown(&mut self, name: String, value: Option<Value>) {
        if let Some(value) = value {
            self.push_shown(name, value);
        }
    }
}

fn attribute<'py>(object: &Bound<'py, PyAny>, attribute: &Attribute) -> Result<Option<Bound<'py, PyAny>>, Failure> {
    let value = object.getattr_opt(attribute.name.bind(object.py()));
    value.map_err(|error| Failure::from(error).in_field(&attribute.text))
}

fn missing(object: &Bound<'_, PyAny>, field: &Attribute) -> Failure {
    refused(
        object,
        format!("has no value in its field `{}`", field.text),
        "set the field, or leave it out of the class",
    )
}
