//! From a Python object to a value, by the object's exact type.

use persistable::Value;
use persistable::value::Record;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyComplex, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple};

use super::class::PyValue;
use super::conversion::{Conversion, conversion_of};
use super::failure::{Failure, refused};
use super::guards::{Deeper, Encoders, Open};
use super::names::brief;
use super::scalars::{int_of, text_of};
use super::{array, containers, fields};
use crate::once::intern;

/// Converts an object, by the encoders that an object around it brings where they know its type.
pub(super) fn value_of(object: &Bound<'_, PyAny>) -> Result<Value, Failure> {
    if let Some(encoders) = Encoders::current(object.py())
        && !object.is_exact_instance_of::<PyValue>()
        && let Some(function) = encoder_by_mro(object, &encoders)?
    {
        if !function.is_callable() {
            let problem = format!("has `{}` as its encoder in a `_custom_type_encoder_map`", brief(&function));
            return Err(refused(object, problem, "let each value of that dict be a function"));
        }
        let encoded = function.call1((object,))?;
        // What such a function returns is final.
        let _none = Encoders::new(None);
        return convert(&encoded);
    }
    convert(object)
}

fn encoder_by_mro<'py>(
    object: &Bound<'py, PyAny>,
    encoders: &Bound<'py, PyDict>,
) -> Result<Option<Bound<'py, PyAny>>, Failure> {
    for class in object.get_type().mro() {
        if let Some(function) = encoders.get_item(class)? {
            return Ok(Some(function));
        }
    }
    Ok(None)
}

fn convert(object: &Bound<'_, PyAny>) -> Result<Value, Failure> {
    if let Ok(text) = object.cast_exact::<PyString>() {
        return text_of(text).map(Value::Text);
    }
    if let Ok(int) = object.cast_exact::<PyInt>() {
        return Ok(Value::Int(int_of(int)?));
    }
    if let Ok(float) = object.cast_exact::<PyFloat>() {
        return Ok(Value::Float(float.value()));
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(truth) = object.cast_exact::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(list) = object.cast_exact::<PyList>() {
        return containers::list(list, value_of);
    }
    if let Ok(dict) = object.cast_exact::<PyDict>() {
        return containers::dict(dict, value_of);
    }
    if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        return containers::tuple(tuple, value_of);
    }
    if let Ok(value) = object.cast_exact::<PyValue>() {
        return Ok(value.get().value().clone());
    }
    if let Ok(bytes) = object.cast_exact::<PyBytes>() {
        return Ok(Value::Bytes(bytes.as_bytes().to_vec()));
    }
    if let Ok(complex) = object.cast_exact::<PyComplex>() {
        return Ok(Value::Complex(complex.real(), complex.imag()));
    }
    if object.is_exact_instance_of::<PySet>() || object.is_exact_instance_of::<PyFrozenSet>() {
        return containers::set(object, value_of);
    }
    by_plan(object)
}

fn by_plan(object: &Bound<'_, PyAny>) -> Result<Value, Failure> {
    match &conversion_of(&object.get_type())?.conversion {
        Conversion::Fields(layout) => {
            let _open = Open::new(object)?;
            let _deeper = Deeper::new(object)?;
            let fields = fields::read(object, layout, value_of)?;
            Ok(Value::Record(Record::new(layout.type_name.clone(), fields)))
        }
        Conversion::Encoder(encoder) => encoded(object, encoder.bind(object.py())),
        Conversion::Array(encoder) => match (array::value_of(object)?, encoder) {
            (Some(value), _) => Ok(value),
            (None, Some(encoder)) => encoded(object, encoder.bind(object.py())),
            (None, None) => Err(refused(
                object,
                "has elements without a canonical form",
                "convert it to an array of numbers, or to a list",
            )),
        },
        Conversion::Wrapper => wrapped(object),
        Conversion::Refused(problem, advice) => Err(refused(object, problem.clone(), advice.clone())),
    }
}

/// Converts what an encoder, written in Python, makes of an object.
pub(super) fn encoded(object: &Bound<'_, PyAny>, encoder: &Bound<'_, PyAny>) -> Result<Value, Failure> {
    let _open = Open::new(object)?;
    let result = encoder.call1((object,))?;
    if result.is(object) {
        return Err(refused(
            object,
            "has an encoder that returns the object itself",
            "let it return what the object consists of",
        ));
    }
    value_of(&result)
}

/// Converts a value that says of itself whether it is in the key.
fn wrapped(object: &Bound<'_, PyAny>) -> Result<Value, Failure> {
    let py = object.py();
    let _open = Open::new(object)?;
    let is_excluded = object.getattr(intern!(py, "exclude_from_file_hash"))?.is_truthy()?;
    let param = object.getattr(intern!(py, "param"))?;
    match value_of(&param) {
        value if !is_excluded => value,
        Ok(value) => Err(Failure::Excluded(Box::new(Some(value)))),
        Err(failure) if failure.is_fatal() => Err(failure),
        // What is not in the key may be anything.
        Err(_) => Err(Failure::Excluded(Box::new(None))),
    }
}
