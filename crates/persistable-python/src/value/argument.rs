//! What an argument of a step's function holds: steps, and values between them.

use persistable::Value;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple};

use super::convert::value_of;
use super::failure::Failure;
use super::guards::{Deeper, Open};
use super::names::brief;
use crate::once::ImportedClass;

/// No argument is looked into deeper for steps. What lies deeper is refused as a param.
const MAX_DEPTH: usize = 64;

/// An argument, or a part of one.
pub(super) enum Argument {
    /// The next step.
    Step,
    Nothing,
    List(Vec<Self>),
    Tuple(Vec<Self>),
    /// In the order of the keys' bytes.
    Map(Vec<(Value, Self)>),
    /// A value that holds no steps.
    Plain(Value),
}

impl Argument {
    /// Converts an argument. Its steps are added to `steps`, in the order in which the result mentions them.
    pub(super) fn of<'py>(object: &Bound<'py, PyAny>, steps: &mut Vec<Bound<'py, PyAny>>) -> Result<Self, Failure> {
        if is_step(object)? {
            steps.push(object.clone());
            return Ok(Self::Step);
        }
        if object.is_none() {
            return Ok(Self::Nothing);
        }
        if !is_empty_container(object) && !holds_steps(object)? {
            return value_of(object).map(Self::Plain);
        }
        let _open = Open::new(object)?;
        let _deeper = Deeper::new(object)?;
        if let Ok(list) = object.cast_exact::<PyList>() {
            return Self::of_each(list.iter(), steps).map(Self::List);
        }
        if let Ok(tuple) = object.cast_exact::<PyTuple>() {
            return Self::of_each(tuple.iter(), steps).map(Self::Tuple);
        }
        let mut entries = Vec::new();
        for item in object.cast_exact::<PyDict>().map_err(PyErr::from)?.items() {
            let (key, part) = item.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()?;
            let value = value_of(&key).map_err(|failure| failure.at_key(brief(&key)))?;
            entries.push((value.canonical_bytes()?, value, key, part));
        }
        entries.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let converted = entries.into_iter().map(|(_, value, key, part)| {
            Ok((value, Self::of(&part, steps).map_err(|failure| failure.at_key(brief(&key)))?))
        });
        converted.collect::<Result<_, Failure>>().map(Self::Map)
    }

    fn of_each<'py>(
        parts: impl Iterator<Item = Bound<'py, PyAny>>,
        steps: &mut Vec<Bound<'py, PyAny>>,
    ) -> Result<Vec<Self>, Failure> {
        parts
            .enumerate()
            .map(|(index, part)| Self::of(&part, steps).map_err(|failure| failure.at_index(index)))
            .collect()
    }

    /// Returns what is directly inside.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match self {
            Self::List(parts) | Self::Tuple(parts) => parts.iter().collect(),
            Self::Map(entries) => entries.iter().map(|(_, part)| part).collect(),
            Self::Step | Self::Nothing | Self::Plain(_) => Vec::new(),
        }
    }

    /// Whether it is one step, or a list of steps.
    pub(super) fn is_flat(&self) -> bool {
        match self {
            Self::Step => true,
            Self::List(parts) => parts.iter().all(|part| matches!(part, Self::Step)),
            _ => false,
        }
    }

    /// Whether steps and values stand side by side directly inside.
    pub(super) fn is_mixed(&self) -> bool {
        self.parts().iter().any(|part| matches!(part, Self::Plain(_)))
    }

    pub(super) fn has_steps(&self) -> bool {
        matches!(self, Self::Step) || self.parts().iter().any(|part| part.has_steps())
    }
}

/// Whether there are steps in an argument: in lists, tuples and dicts, at any depth.
#[pyfunction(name = "holds_steps")]
pub(crate) fn any_steps_in(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    holds_steps(object)
}

pub(super) fn holds_steps(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    holds_steps_below(object, MAX_DEPTH)
}

fn holds_steps_below(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<bool> {
    if is_scalar(object) || depth == 0 {
        return Ok(false);
    }
    let mut found = false;
    let mut look = |part: &Bound<'_, PyAny>| -> PyResult<bool> {
        found = found || holds_steps_below(part, depth - 1)?;
        Ok(found)
    };
    if let Ok(list) = object.cast_exact::<PyList>() {
        for part in list {
            if look(&part)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        for part in tuple {
            if look(&part)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Ok(dict) = object.cast_exact::<PyDict>() {
        for part in dict.values() {
            if look(&part)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if object.is_exact_instance_of::<PySet>() || object.is_exact_instance_of::<PyFrozenSet>() {
        return Ok(false);
    }
    is_step(object)
}

fn is_scalar(object: &Bound<'_, PyAny>) -> bool {
    object.is_none()
        || object.is_exact_instance_of::<PyInt>()
        || object.is_exact_instance_of::<PyFloat>()
        || object.is_exact_instance_of::<PyString>()
        || object.is_exact_instance_of::<PyBool>()
}

fn is_empty_container(object: &Bound<'_, PyAny>) -> bool {
    object.cast_exact::<PyList>().is_ok_and(|list| list.is_empty())
        || object.cast_exact::<PyTuple>().is_ok_and(|tuple| tuple.is_empty())
        || object.cast_exact::<PyDict>().is_ok_and(|dict| dict.is_empty())
}

pub(crate) fn is_step(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    static CLASS: ImportedClass = ImportedClass::new("persistable._persistable", "Persistable");
    object.is_instance(CLASS.get(object.py())?)
}
