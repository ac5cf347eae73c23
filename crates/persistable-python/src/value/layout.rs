//! Where the fields of a dataclass, or of a `DictEncodable`, are found.

use std::collections::HashSet;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::attributes::{lookup_in_mro, overrides, own_initializer};
use super::names;
use crate::once::intern;

/// Where the fields of a type's objects are found, and what the type says about them.
pub(super) struct Layout {
    pub(super) type_name: String,
    pub(super) source: FieldSource,
    pub(super) fields: Vec<Attribute>,
    /// Private attributes count as well, since no fields tell what the objects consist of.
    pub(super) is_private_counted: bool,
    /// Slots which are not fields but count, and which an object may or may not have filled.
    pub(super) slots: Vec<Attribute>,
    /// What an object's `__dict__` may hold that counts by itself or not at all: fields, values of `cached_property`, and
    /// what is said about fields.
    pub(super) known: HashSet<String>,
    pub(super) has_dict: bool,
    /// The class says more about its fields than their values.
    pub(super) rules: Declared,
}

/// What knows the fields of an object.
pub(super) enum FieldSource {
    /// The attributes of the object.
    Attributes,
    /// The class itself, by its `to_dict`.
    ToDict,
    /// A function of the Python side, which returns a dict: for models of other libraries.
    Reader(Py<PyAny>),
}

/// An attribute of each object.
pub(super) struct Attribute {
    pub(super) name: Py<PyString>,
    pub(super) text: String,
    /// Nothing on the class stands between the attribute and the entry in the object's `__dict__`.
    pub(super) is_in_dict: bool,
}

/// Which of the attributes that say something about fields the class has.
#[derive(Clone, Copy)]
pub(super) struct Declared {
    pub(super) excluded: bool,
    pub(super) encoders: bool,
    pub(super) defaults: bool,
    pub(super) renamed: bool,
}

impl Declared {
    fn of(class: &Bound<'_, PyType>) -> PyResult<Self> {
        let py = class.py();
        Ok(Self {
            excluded: overrides(class, intern!(py, "_excluded_attributes"))?,
            encoders: overrides(class, intern!(py, "_custom_type_encoder_map"))?,
            defaults: overrides(class, intern!(py, "_added_with_defaults"))?,
            renamed: overrides(class, intern!(py, "_renamed_attributes"))?,
        })
    }

    pub(super) fn any(self) -> bool {
        self.excluded || self.encoders || self.defaults || self.renamed
    }
}

const SAID_ABOUT_FIELDS: [&str; 4] =
    ["_excluded_attributes", "_custom_type_encoder_map", "_added_with_defaults", "_renamed_attributes"];

impl Layout {
    /// Tells whether an attribute of this name counts, apart from the fields.
    pub(super) fn counts(&self, name: &str) -> bool {
        counts(name, self.is_private_counted) && !self.known.contains(name)
    }

    pub(super) fn of(class: &Bound<'_, PyType>, is_dict_encodable: bool) -> PyResult<Self> {
        let py = class.py();
        let fields = field_names(class)?.into_iter().map(|name| Attribute::of(class, name));
        let fields = fields.collect::<PyResult<Vec<_>>>()?;
        let mut known: HashSet<String> = fields.iter().map(|field| field.text.clone()).collect();
        let is_private_counted =
            !class.hasattr(intern!(py, "__dataclass_fields__"))? || own_initializer(class)?.is_some();
        let slots = slots(class, &known, is_private_counted)?;
        known.extend(cached_properties(class)?);
        known.extend(SAID_ABOUT_FIELDS.map(String::from));
        Ok(Self {
            type_name: names::type_name(class)?,
            source: match is_dict_encodable && overrides(class, intern!(py, "to_dict"))? {
                true => FieldSource::ToDict,
                false => FieldSource::Attributes,
            },
            fields,
            is_private_counted,
            slots,
            known,
            has_dict: class.getattr(intern!(py, "__dictoffset__"))?.extract::<isize>()? != 0,
            rules: Declared::of(class)?,
        })
    }

    /// Returns the layout of a class whose objects a function of the Python side reads.
    pub(super) fn of_model(class: &Bound<'_, PyType>, type_name: String, read: Py<PyAny>) -> PyResult<Self> {
        Ok(Self {
            type_name,
            source: FieldSource::Reader(read),
            fields: Vec::new(),
            is_private_counted: false,
            slots: Vec::new(),
            known: HashSet::new(),
            has_dict: false,
            rules: Declared::of(class)?,
        })
    }
}

impl Attribute {
    fn of(class: &Bound<'_, PyType>, name: Bound<'_, PyString>) -> PyResult<Self> {
        let py = class.py();
        let has_own_lookup = [intern!(py, "__getattribute__"), intern!(py, "__dict__")].into_iter().map(|lookup| {
            // Every class with a `__dict__` has the descriptor of it; a property in its place is another matter.
            let Some((definer, found)) = lookup_in_mro(class, lookup)? else { return Ok(false) };
            Ok(!definer.is(py.get_type::<PyAny>()) && found.get_type().name()? != "getset_descriptor")
        });
        let has_own_lookup = has_own_lookup.collect::<PyResult<Vec<bool>>>()?.contains(&true);
        let is_descriptor = match lookup_in_mro(class, &name)? {
            Some((_, default)) => default.get_type().hasattr(intern!(py, "__get__"))?,
            None => false,
        };
        let text = name.to_cow()?.into_owned();
        Ok(Self { name: name.unbind(), text, is_in_dict: !has_own_lookup && !is_descriptor })
    }
}

fn field_names<'py>(class: &Bound<'py, PyType>) -> PyResult<Vec<Bound<'py, PyString>>> {
    let py = class.py();
    if !class.hasattr(intern!(py, "__dataclass_fields__"))? {
        return Ok(Vec::new());
    }
    let fields = py.import(intern!(py, "dataclasses"))?.call_method1(intern!(py, "fields"), (class,))?;
    let names = fields.try_iter()?.map(|field| Ok(field?.getattr(intern!(py, "name"))?.cast_into::<PyString>()?));
    names.collect()
}

fn counts(name: &str, is_private_counted: bool) -> bool {
    let is_of_python = || name.len() > 4 && name.starts_with("__") && name.ends_with("__");
    !name.starts_with('_') || is_private_counted && !is_of_python()
}

/// Finds the slots that the classes of a type declare, apart from the fields and from what does not count.
fn slots(class: &Bound<'_, PyType>, fields: &HashSet<String>, is_private_counted: bool) -> PyResult<Vec<Attribute>> {
    let mut slots: Vec<Attribute> = Vec::new();
    for base in class.mro() {
        let base = base.cast_into::<PyType>()?;
        for name in names::own_slots(&base)? {
            let text = mangled(name.to_cow()?.into_owned(), &base)?;
            let is_new = !fields.contains(&text) && slots.iter().all(|slot| slot.text != text);
            if is_new && counts(&text, is_private_counted) {
                let name = PyString::new(class.py(), &text).unbind();
                slots.push(Attribute { name, text, is_in_dict: false });
            }
        }
    }
    Ok(slots)
}

/// Returns the name by which a slot of this class is found: Python hides names with two underscores from other classes.
fn mangled(name: String, class: &Bound<'_, PyType>) -> PyResult<String> {
    let class_name = class.name()?.to_cow()?.trim_start_matches('_').to_owned();
    let is_hidden = name.starts_with("__") && !name.ends_with("__") && !class_name.is_empty();
    Ok(if is_hidden { format!("_{class_name}{name}") } else { name })
}

fn cached_properties(class: &Bound<'_, PyType>) -> PyResult<Vec<String>> {
    let py = class.py();
    let cached_property = py.import(intern!(py, "functools"))?.getattr(intern!(py, "cached_property"))?;
    let mut names = Vec::new();
    for base in class.mro() {
        let own = PyDict::new(py);
        // A cast would ask Python whether it is a mapping, and lose a Ctrl-C that comes meanwhile.
        own.call_method1(intern!(py, "update"), (base.getattr(intern!(py, "__dict__"))?,))?;
        for (name, attribute) in own {
            if attribute.is_instance(&cached_property)? {
                names.push(name.extract()?);
            }
        }
    }
    Ok(names)
}
