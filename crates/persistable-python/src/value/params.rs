//! The params of a step: what may stand at the top of a params tree.

use persistable::{Fields, Value};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use super::class::PyValue;
use super::conversion::{Conversion, conversion_of};
use super::convert::{encoded, value_of};
use super::failure::{Failure, refused};
use super::fields;
use super::guards::Open;
use super::names::loaded;
use crate::once::ImportedClass;

/// Returns a step's params as fields. The name of their type is not among them.
pub(super) fn fields_of(params: &Bound<'_, PyAny>) -> Result<Fields, Failure> {
    if params.is_none() {
        return Ok(Fields::new());
    }
    if let Ok(dict) = params.cast_exact::<PyDict>() {
        let _open = Open::new(params)?;
        return fields::of_dict(dict, value_of);
    }
    if let Ok(value) = params.cast_exact::<PyValue>() {
        return fields_in(params, value.get().value().clone());
    }
    let class = params.get_type();
    if let Ok(dict) = params.cast::<PyDict>()
        && (is_of_function(&class)?
            || loaded(params.py(), "collections", "OrderedDict").is_some_and(|ordered| ordered.is(&class)))
    {
        // Of fields only the names count, as they do for any other params.
        let _open = Open::new(params)?;
        return fields::of_dict(dict, value_of);
    }
    match &conversion_of(&class)?.conversion {
        Conversion::Fields(layout) => {
            let _open = Open::new(params)?;
            fields::read(params, layout, value_of)
        }
        Conversion::Encoder(encoder) if has_fields(&class)? => {
            fields_in(params, encoded(params, encoder.bind(params.py()))?)
        }
        Conversion::Refused(problem, advice) if class.module()? != "builtins" => {
            Err(refused(params, problem.clone(), advice.clone()))
        }
        Conversion::Array(_) | Conversion::Encoder(_) | Conversion::Wrapper | Conversion::Refused(..) => {
            Err(no_params(params))
        }
    }
}

/// Tells whether a class is that of the params of functions, which are by name as in a dict.
fn is_of_function(class: &Bound<'_, PyType>) -> PyResult<bool> {
    static CLASS: ImportedClass = ImportedClass::new("persistable._arguments", "Params");
    Ok(class.is(CLASS.get(class.py())?))
}

/// Tells whether objects of a class consist of fields with names, as far as it takes an encoder to read them.
fn has_fields(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let signs = [
        "__attrs_attrs__",
        "_fields",
        "__pydantic_fields__",
        // Models of the first version of pydantic.
        "__fields__",
        // What has fields, but an encoder of the user's all the same: dataclasses, and any `DictEncodable`.
        "__dataclass_fields__",
        "_excluded_attributes",
        "__persistable_value__",
    ];
    for sign in signs {
        if class.hasattr(sign)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn fields_in(params: &Bound<'_, PyAny>, value: Value) -> Result<Fields, Failure> {
    match value {
        Value::Null => Ok(Fields::new()),
        Value::Record(record) => Ok(record.fields().clone()),
        Value::Map(entries) => {
            let mut fields = Fields::with_capacity(entries.len());
            for (key, value) in entries {
                let Value::Text(name) = key else { return Err(no_params(params)) };
                fields.push(name, value);
            }
            Ok(fields)
        }
        _ => Err(no_params(params)),
    }
}

fn no_params(params: &Bound<'_, PyAny>) -> Failure {
    if params.is_instance_of::<PyType>() {
        return refused(params, "is a class, and the params of a step are an object of it", "call the class");
    }
    refused(
        params,
        "cannot be the params of a step, since it does not consist of fields with names",
        "pass a PersistableParams, another dataclass or model, a dict with texts as keys, or None",
    )
}
