//! Whether a class still is what its conversion was found out from.

use pyo3::prelude::*;
use pyo3::types::{PyMappingProxy, PyString, PyType};

use super::attributes::is_of_this_package;
use super::names;
use crate::once::intern;

/// How many attributes of a class say what its objects consist of.
const NAMES: usize = 8;

/// The attributes of each class in a type's order of bases, as they were.
///
/// A class may be changed in place, as by `dataclass(C)` or `C._excluded_attributes = …`. Python tells nobody, so it is
/// looked whether the attributes that count are the same objects, and no other has come: all of them are looked at for
/// each object that is converted, so this must stay cheap.
pub(super) struct ClassSnapshot(Vec<AttributeSnapshot>);

struct AttributeSnapshot {
    /// Python's own view of the attributes, which is always of the present ones.
    attributes: Py<PyMappingProxy>,
    count: usize,
    found: [Option<Py<PyAny>>; NAMES],
}

fn recorded_names(py: Python<'_>) -> [&Bound<'_, PyString>; NAMES] {
    [
        intern!(py, "__dataclass_fields__"),
        intern!(py, "__init__"),
        intern!(py, "to_dict"),
        intern!(py, "_excluded_attributes"),
        intern!(py, "_custom_type_encoder_map"),
        intern!(py, "_added_with_defaults"),
        intern!(py, "_renamed_attributes"),
        intern!(py, "_type_name"),
    ]
}

impl ClassSnapshot {
    pub(super) fn of(class: &Bound<'_, PyType>) -> PyResult<Self> {
        let mut attributes = Vec::new();
        for base in class.mro() {
            let base = base.cast_into::<PyType>()?;
            if !is_fixed(&base)? {
                attributes.push(AttributeSnapshot::of(&base)?);
            }
        }
        Ok(Self(attributes))
    }

    pub(super) fn is_unchanged(&self, py: Python<'_>) -> bool {
        // What cannot be looked at is looked at anew, and then raises.
        self.0.iter().all(|attributes| attributes.is_unchanged(py).unwrap_or(false))
    }
}

impl AttributeSnapshot {
    fn of(class: &Bound<'_, PyType>) -> PyResult<Self> {
        let py = class.py();
        let mut found = [const { None }; NAMES];
        for (found, name) in found.iter_mut().zip(recorded_names(py)) {
            *found = names::own_attribute(class, name)?.map(Bound::unbind);
        }
        let attributes = class.getattr(intern!(py, "__dict__"))?.cast_into::<PyMappingProxy>()?;
        Ok(Self { count: attributes.len()?, attributes: attributes.unbind(), found })
    }

    fn is_unchanged(&self, py: Python<'_>) -> PyResult<bool> {
        let attributes = self.attributes.bind(py);
        if attributes.len()? != self.count {
            return Ok(false);
        }
        for (found, name) in self.found.iter().zip(recorded_names(py)) {
            let is_same = match found {
                Some(found) => attributes.get_item(name)?.is(found),
                None => !attributes.contains(name)?,
            };
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Tells whether nobody would change a class: those of Python that stand below others' classes, and this package's.
fn is_fixed(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let module = class.module()?;
    Ok(["builtins", "typing", "abc"].iter().any(|fixed| module == *fixed) || is_of_this_package(class)?)
}
