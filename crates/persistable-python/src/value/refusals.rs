//! Why objects of a class are refused.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use super::attributes::own_initializer;
use super::names;
use crate::once::intern;

/// What is wrong with a class, and what to do.
pub(super) type Refusal = (String, String);

/// Tells why fields would not be all there is to an object, if they are not.
pub(super) fn of_record(class: &Bound<'_, PyType>) -> PyResult<Option<Refusal>> {
    let py = class.py();
    if let Some(base) = built_in_base(class)? {
        return Ok(Some((
            format!("has fields, but is of the type `{base}` as well, whose content they do not tell"),
            format!("hold the `{base}` in a field, or {}", names::registration(&names::shown(class))),
        )));
    }
    let Some(params) = names::loaded(py, "persistable.data", "PersistableParams") else { return Ok(None) };
    if let Some(definer) = own_initializer(class)?
        && definer.is_subclass(&params)?
    {
        // It was written to be without @dataclass.
        return Ok(None);
    }
    for base in class.mro() {
        let base = base.cast_into::<PyType>()?;
        if base.is(&params) || !base.is_subclass(&params)? {
            continue;
        }
        if names::own_attribute(&base, intern!(py, "__dataclass_fields__"))?.is_none() && declares_fields(&base)? {
            return Ok(Some((
                format!("has annotations in `{}`, which is no dataclass, so that they are no fields", base.qualname()?),
                "decorate that class with @dataclass".into(),
            )));
        }
    }
    Ok(None)
}

/// Looks for a base that is not written in Python, and holds what no attribute shows.
///
/// An object of a class written in Python has a pointer for each slot, its `__dict__` and its weak references, and is not
/// larger than that.
fn built_in_base(class: &Bound<'_, PyType>) -> PyResult<Option<String>> {
    let py = class.py();
    let object_size =
        |class: &Bound<'_, PyAny>| -> PyResult<usize> { class.getattr(intern!(py, "__basicsize__"))?.extract() };
    for base in class.mro() {
        let base = base.cast_into::<PyType>()?;
        let parent = base.getattr(intern!(py, "__base__"))?;
        if parent.is_none() {
            continue;
        }
        let mut pointers = names::own_slots(&base)?.len();
        for descriptor in [intern!(py, "__dict__"), intern!(py, "__weakref__")] {
            pointers += usize::from(names::own_attribute(&base, descriptor)?.is_some());
        }
        if object_size(&base)? > object_size(&parent)? + pointers * size_of::<usize>() {
            return Ok(Some(names::shown(&base)));
        }
    }
    Ok(None)
}

fn declares_fields(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let py = class.py();
    // From Python 3.14 on, annotations are made by a function when they are asked for.
    let has_own = ["__annotations__", "__annotate_func__", "__annotate__"].iter().any(|name| {
        let own = names::own_attribute(class, &PyString::new(py, name));
        own.is_ok_and(|own| own.is_some_and(|own| !own.is_none()))
    });
    if !has_own {
        return Ok(false);
    }
    // One that cannot be made yet, because it names what only type checkers see, is of a field all the same.
    let Ok(annotations) = class.getattr(intern!(py, "__annotations__")) else { return Ok(true) };
    for annotation in annotations.call_method0(intern!(py, "values"))?.try_iter()? {
        if !annotation?.str()?.to_string_lossy().contains("ClassVar") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells why a type without any form is refused, by what the Python side knows of it.
pub(super) fn of_unknown(class: &Bound<'_, PyType>) -> PyResult<Refusal> {
    let py = class.py();
    let encoders = py.import(intern!(py, "persistable._encoders"))?;
    let known = encoders.call_method1(intern!(py, "advice_on"), (class,))?;
    if let Some((problem, advice)) = known.extract::<Option<(String, String)>>()? {
        return Ok((problem, advice));
    }
    let advice = names::registration(&names::shown(class));
    let base = class.mro().iter().skip(1).find_map(|base| {
        let base = base.cast_into::<PyType>().ok()?;
        let is_built_in = base.module().is_ok_and(|module| module == "builtins");
        (is_built_in && !base.is(class.py().get_type::<PyAny>())).then(|| names::shown(&base))
    });
    Ok(match base {
        Some(base) => (
            format!("has no canonical form, since what it adds to `{base}` is not known"),
            format!("pass a plain {base}, or {advice}"),
        ),
        None => ("has no canonical form".into(), advice),
    })
}
