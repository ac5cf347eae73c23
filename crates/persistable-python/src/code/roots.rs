//! What a step's code begins with: its definition, and the classes and functions that its params consist of.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PySet, PyTuple, PyType};

use crate::once::{ImportedClass, intern};
use crate::value::{is_atom, is_step};

/// Params are looked into so far. They are looked into on each hit.
const MAX_PARTS: usize = 256;
const MAX_DEPTH: usize = 4;

/// The definition of a step, and what of its params is code.
pub(super) struct Roots<'py> {
    pub(super) definition: Bound<'py, PyAny>,
    pub(super) params: Vec<Bound<'py, PyAny>>,
}

/// Returns what the code of a step begins with.
pub(super) fn roots_of<'py>(step: &Bound<'py, PyAny>) -> PyResult<Roots<'py>> {
    let py = step.py();
    let class = step.get_type();
    let is_of_function = class.is_subclass(function_step(py)?)?;
    let definition = if is_of_function { step.getattr(intern!(py, "_definition"))? } else { class.into_any() };
    let mut search = Search { found: Vec::new(), parts: 0 };
    let params = step.getattr(intern!(py, "params"))?;
    match params.cast::<PyDict>() {
        Ok(params) if is_of_function => {
            search.look_into_values(params, 0)?;
            // Values may stand beside steps.
            let dependencies = step.getattr(intern!(py, "tracked_persistable_dependencies"))?;
            if let Ok(arguments) = dependencies.cast::<PyDict>() {
                search.look_into_values(arguments, 0)?;
            }
        }
        _ => search.look_into(&params, 0)?,
    }
    Ok(Roots { definition, params: search.found })
}

fn function_step(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: ImportedClass = ImportedClass::new("persistable._function_step", "FunctionStep");
    CLASS.get(py)
}

fn function_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: ImportedClass = ImportedClass::new("types", "FunctionType");
    CLASS.get(py)
}

struct Search<'py> {
    found: Vec<Bound<'py, PyAny>>,
    parts: usize,
}

impl<'py> Search<'py> {
    fn look_into(&mut self, object: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        self.parts += 1;
        if depth > MAX_DEPTH || self.parts > MAX_PARTS || is_atom(object) {
            return Ok(());
        }
        let py = object.py();
        if let Ok(dict) = object.cast_exact::<PyDict>() {
            return self.look_into_values(dict, depth);
        }
        if let Ok(list) = object.cast_exact::<PyList>() {
            return self.look_into_all(list, depth);
        }
        if let Ok(tuple) = object.cast_exact::<PyTuple>() {
            for held in tuple {
                self.look_into(&held, depth + 1)?;
            }
            return Ok(());
        }
        // Sets of functions have no order. Their params have names all the same.
        if object.is_exact_instance_of::<PySet>() || object.is_exact_instance_of::<PyFrozenSet>() {
            return Ok(());
        }
        if is_step(object)? {
            return Ok(());
        }
        let class = object.get_type();
        if class.is(function_type(py)?) || object.is_instance_of::<PyType>() {
            self.push(object.clone());
            return Ok(());
        }
        self.push(class.into_any());
        if let Ok(attributes) = object.getattr(intern!(py, "__dict__"))
            && let Ok(attributes) = attributes.cast_exact::<PyDict>()
        {
            return self.look_into_values(attributes, depth);
        }
        Ok(())
    }

    /// Looks into the values of a dict one by one: it may be large, and be changed meanwhile, which raises.
    fn look_into_values(&mut self, dict: &Bound<'py, PyDict>, depth: usize) -> PyResult<()> {
        for held in dict.call_method0(intern!(dict.py(), "values"))?.try_iter()? {
            if self.parts > MAX_PARTS {
                break;
            }
            self.look_into(&held?, depth + 1)?;
        }
        Ok(())
    }

    fn look_into_all(&mut self, list: &Bound<'py, PyList>, depth: usize) -> PyResult<()> {
        for held in list {
            if self.parts > MAX_PARTS {
                break;
            }
            self.look_into(&held, depth + 1)?;
        }
        Ok(())
    }

    fn push(&mut self, object: Bound<'py, PyAny>) {
        if !self.found.iter().any(|found| found.is(&object)) {
            self.found.push(object);
        }
    }
}
