//! Artifacts in a list, and values of params, as Python has them.

use persistable_catalogue::{Row, Scalar, Table};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::once::intern;

/// An artifact: stem, payload name, key, shortened key, state, size, when it was persisted in milliseconds since 1970, seconds of its
/// generation, tags, whether it is pinned, what is wrong with it, and the values of the columns that it has.
type RowOf<'py> = (
    String,
    String,
    String,
    String,
    &'static str,
    Option<u64>,
    Option<i64>,
    Option<f64>,
    Vec<String>,
    bool,
    Option<String>,
    Bound<'py, PyDict>,
);

/// The columns, the artifacts, how many were selected, their bytes, and remarks for people.
pub(super) type Rows<'py> = (Vec<String>, Vec<RowOf<'py>>, usize, u64, Vec<String>);

pub(super) fn rows_of(py: Python<'_>, table: Table) -> PyResult<Rows<'_>> {
    let rows = table.rows.into_iter().map(|row| row_of(py, row, &table.columns)).collect::<PyResult<_>>()?;
    Ok((table.columns, rows, table.selected, table.size_bytes, table.hints))
}

fn row_of<'py>(py: Python<'py>, row: Row, columns: &[String]) -> PyResult<RowOf<'py>> {
    let values = PyDict::new(py);
    for (name, value) in columns.iter().zip(&row.values) {
        if *value != Scalar::Missing {
            values.set_item(name, object_of(py, value)?)?;
        }
    }
    let stem = row.stem();
    let Row { name, key, short, state, size_bytes, persisted, generation_seconds, tags, pinned, problem, .. } = row;
    let state = state.as_str();
    Ok((stem, name, key, short, state, size_bytes, persisted, generation_seconds, tags, pinned, problem, values))
}

/// Returns a value: a number, a text, or what JSON has for lists and records.
fn object_of<'py>(py: Python<'py>, value: &Scalar) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Scalar::Missing | Scalar::Null => Ok(py.None().into_bound(py)),
        Scalar::Bool(truth) => truth.into_bound_py_any(py),
        Scalar::Int(int) => int.into_bound_py_any(py),
        Scalar::Float(float) => float.into_bound_py_any(py),
        other => match other.to_json() {
            serde_json::Value::String(text) => text.into_bound_py_any(py),
            json => py.import(intern!(py, "json"))?.call_method1(intern!(py, "loads"), (json.to_string(),)),
        },
    }
}
