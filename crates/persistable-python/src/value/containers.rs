//! The containers of Python. Each is looked at once, so that another thread's changes never lead astray.

use persistable::Value;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::failure::Failure;
use super::guards::{Deeper, Open};
use super::names::brief;

/// Converts the parts of an object. Whoever converts the object passes it.
pub(super) type Convert = fn(&Bound<'_, PyAny>) -> Result<Value, Failure>;

pub(super) fn list(list: &Bound<'_, PyList>, value_of: Convert) -> Result<Value, Failure> {
    let _open = Open::new(list)?;
    let _deeper = Deeper::new(list)?;
    elements(list.len(), list.iter().map(Ok), value_of).map(Value::List)
}

pub(super) fn tuple(tuple: &Bound<'_, PyTuple>, value_of: Convert) -> Result<Value, Failure> {
    let _open = Open::new(tuple)?;
    let _deeper = Deeper::new(tuple)?;
    elements(tuple.len(), tuple.iter().map(Ok), value_of).map(Value::Tuple)
}

/// Converts elements in an order, as many as `capacity` at a guess.
pub(super) fn elements<'py>(
    capacity: usize,
    elements: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
    value_of: Convert,
) -> Result<Vec<Value>, Failure> {
    let mut values = Vec::with_capacity(capacity);
    for (index, element) in elements.enumerate() {
        values.push(value_of(&element?).map_err(|failure| failure.at_index(index))?);
    }
    Ok(values)
}

pub(super) fn set(set: &Bound<'_, PyAny>, value_of: Convert) -> Result<Value, Failure> {
    let _open = Open::new(set)?;
    let _deeper = Deeper::new(set)?;
    members(set, value_of).map(Value::Set)
}

pub(super) fn members(set: &Bound<'_, PyAny>, value_of: Convert) -> Result<Vec<Value>, Failure> {
    let members = set.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    members.iter().map(|member| value_of(member).map_err(|failure| failure.at_key(brief(member)))).collect()
}

pub(super) fn dict(dict: &Bound<'_, PyDict>, value_of: Convert) -> Result<Value, Failure> {
    let _open = Open::new(dict)?;
    let _deeper = Deeper::new(dict)?;
    let mut entries = Vec::with_capacity(dict.len());
    for item in dict.items() {
        let (key, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        entries.extend(entry(&key, &value, value_of)?);
    }
    Ok(Value::Map(entries))
}

/// Converts an entry; there is none where the value is excluded from the key.
pub(super) fn entry(
    key: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    value_of: Convert,
) -> Result<Option<(Value, Value)>, Failure> {
    let value_of_key = value_of(key).map_err(|failure| failure.at_key(brief(key)))?;
    match value_of(value) {
        Ok(value) => Ok(Some((value_of_key, value))),
        Err(Failure::Excluded(_)) => Ok(None),
        Err(failure) => Err(failure.at_key(brief(key))),
    }
}
