//! What types are called.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMappingProxy, PyString, PyType};

use crate::once::intern;

/// Returns the name of a type in a key: the qualified name from the innermost function on, without the module, or what the
/// class itself says in `_type_name`.
pub(super) fn type_name(named: &Bound<'_, PyType>) -> PyResult<String> {
    let own = own_attribute(named, intern!(named.py(), "_type_name"))?;
    if let Some(Ok(own)) = own.map(|own| own.extract()) {
        return Ok(own);
    }
    let qualified = named.qualname()?.to_string_lossy().into_owned();
    Ok(match qualified.rsplit_once("<locals>.") {
        Some((_, name)) => String::from(name),
        None => qualified,
    })
}

/// Returns the name of a type as people are shown it, with the module of all but the built-in ones.
pub(super) fn shown(named: &Bound<'_, PyType>) -> String {
    let full = named.fully_qualified_name();
    full.map_or_else(|_| String::from("object"), |name| name.to_string_lossy().into_owned())
}

/// Returns an attribute that the class has by itself, not from a base.
pub(super) fn own_attribute<'py>(
    class: &Bound<'py, PyType>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let own = class.getattr(intern!(class.py(), "__dict__"))?;
    let own = own.cast::<PyMappingProxy>()?;
    if own.contains(name)? { own.get_item(name).map(Some) } else { Ok(None) }
}

/// Returns the names of the slots that the class declares by itself.
pub(super) fn own_slots<'py>(class: &Bound<'py, PyType>) -> PyResult<Vec<Bound<'py, PyString>>> {
    let Some(declared) = own_attribute(class, intern!(class.py(), "__slots__"))? else { return Ok(Vec::new()) };
    match declared.cast_into::<PyString>() {
        Ok(single) => Ok(vec![single]),
        Err(several) => several.into_inner().try_iter()?.map(|name| Ok(name?.cast_into()?)).collect(),
    }
}

/// Says how a type becomes one of parameters.
pub(super) fn registration(type_name: &str) -> String {
    let name = type_name.rsplit('.').next().unwrap_or(type_name);
    format!("register an encoder with persistable.register_encoder({name}, function)")
}

/// Names a key in a path: what people can tell apart at a glance, and the type of anything larger.
pub(super) fn brief(key: &Bound<'_, PyAny>) -> String {
    const MAX_CHARS: usize = 40;
    let is_plain = key.is_none()
        || key.is_exact_instance_of::<PyString>()
        || key.is_exact_instance_of::<PyInt>()
        || key.is_exact_instance_of::<PyBool>()
        || key.is_exact_instance_of::<PyFloat>();
    match key.repr() {
        Ok(repr) if is_plain => {
            let repr = repr.to_string_lossy();
            match repr.char_indices().nth(MAX_CHARS) {
                Some((end, _)) => format!("{}…", repr.get(..end).unwrap_or_default()),
                None => repr.into_owned(),
            }
        }
        _ => shown(&key.get_type()),
    }
}

/// Returns what a module holds, if it was imported: an object whose type comes from elsewhere proves that it was.
pub(super) fn loaded<'py>(py: Python<'py>, module: &str, name: &str) -> Option<Bound<'py, PyAny>> {
    let modules = py.import(intern!(py, "sys")).ok()?.getattr(intern!(py, "modules")).ok()?;
    modules.cast::<PyDict>().ok()?.get_item(module).ok()??.getattr(name).ok()
}
