//! The names in a params tree for people.

use pyo3::prelude::*;

/// Returns the name of each dependency in a params tree, given the names of the step's own params, and the payload name of
/// each dependency with the name that its artifact has.
#[pyfunction]
pub(crate) fn free_names(own: Vec<String>, below: Vec<(String, String)>) -> Vec<String> {
    let below: Vec<(&str, &str)> = below.iter().map(|(name, stem)| (&**name, &**stem)).collect();
    persistable::__private::free_names(own.iter().map(String::as_str), &below)
}
