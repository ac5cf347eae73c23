//! Where the attributes of a class come from.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::names;
use crate::once::intern;

/// Finds the class whose `__init__`, written by hand, makes the objects of a type, if no dataclass comes before it.
pub(super) fn own_initializer<'py>(class: &Bound<'py, PyType>) -> PyResult<Option<Bound<'py, PyType>>> {
    let py = class.py();
    for base in class.mro() {
        let base = base.cast_into::<PyType>()?;
        if names::own_attribute(&base, intern!(py, "__dataclass_fields__"))?.is_some() {
            return Ok(None);
        }
        if !base.is(py.get_type::<PyAny>()) && names::own_attribute(&base, intern!(py, "__init__"))?.is_some() {
            return Ok(Some(base));
        }
    }
    Ok(None)
}

/// Tells whether a class of the user's declares what the base classes of the package declare for every class.
pub(super) fn overrides(class: &Bound<'_, PyType>, name: &Bound<'_, PyString>) -> PyResult<bool> {
    // pydantic takes attributes with an underscore out of a model, and gives each object its own.
    if let Some(private) = class.getattr_opt(intern!(class.py(), "__private_attributes__"))?
        && private.cast::<PyDict>().is_ok_and(|private| private.contains(name).unwrap_or(false))
    {
        return Ok(true);
    }
    Ok(match defining_class(class, name)? {
        Some(definer) => !is_of_this_package(&definer)?,
        None => false,
    })
}

fn defining_class<'py>(
    class: &Bound<'py, PyType>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyType>>> {
    Ok(lookup_in_mro(class, name)?.map(|(definer, _)| definer))
}

/// Finds an attribute as Python does, without calling what it finds.
pub(super) fn lookup_in_mro<'py>(
    class: &Bound<'py, PyType>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<(Bound<'py, PyType>, Bound<'py, PyAny>)>> {
    for base in class.mro() {
        let base = base.cast_into::<PyType>()?;
        if let Some(found) = names::own_attribute(&base, name)? {
            return Ok(Some((base, found)));
        }
    }
    Ok(None)
}

pub(super) fn is_of_this_package(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let module = class.getattr(intern!(class.py(), "__module__"))?;
    let module = module.extract::<String>().unwrap_or_default();
    Ok(matches!(&*module, "persistable._dict_encodable" | "persistable.data"))
}
