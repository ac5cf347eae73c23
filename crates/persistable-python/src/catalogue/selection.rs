//! Which artifacts are asked for, as Python says it.

use persistable_catalogue::{Catalogue, Query, Result};
use pyo3::prelude::*;

/// Which artifacts: a payload name, a filter, and the stems of the only ones.
pub(super) struct Selection {
    step: Option<String>,
    filter: Option<String>,
    only: Option<Vec<String>>,
}

impl<'py> FromPyObject<'_, 'py> for Selection {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (step, filter, only) = object.extract()?;
        Ok(Self { step, filter, only })
    }
}

impl Selection {
    /// Returns the query, but for the only artifacts that may be selected.
    pub(super) fn query(&self) -> Result<Query> {
        let mut query = Query::new();
        if let Some(step) = &self.step {
            query = query.step(step);
        }
        if let Some(filter) = &self.filter {
            query = query.filter(filter.parse()?);
        }
        Ok(query)
    }

    /// Selects only the artifacts that were named.
    pub(super) fn narrow(&self, catalogue: &mut Catalogue, query: Query) -> Result<Query> {
        let Some(stems) = &self.only else { return Ok(query) };
        let stems = stems.iter().map(|stem| Ok(catalogue.find(stem)?.stem)).collect::<Result<Vec<_>>>()?;
        Ok(query.only(stems))
    }
}

/// What is shown of artifacts: the columns, `None` for all; whether only those that vary; the order; how many at most.
pub(super) struct Shown {
    columns: Option<Vec<String>>,
    varying: bool,
    sort: Option<String>,
    is_descending: bool,
    limit: Option<usize>,
}

impl<'py> FromPyObject<'_, 'py> for Shown {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (columns, varying, sort, is_descending, limit) = object.extract()?;
        Ok(Self { columns, varying, sort, is_descending, limit })
    }
}

impl Shown {
    pub(super) fn of(self, query: Query) -> Query {
        let query = match (self.columns, self.varying) {
            (Some(columns), _) => query.columns(columns),
            (None, true) => query,
            (None, false) => query.all_columns(),
        };
        let query = match self.sort {
            Some(name) => query.sort(name, self.is_descending),
            None => query,
        };
        match self.limit {
            Some(most) => query.limit(most),
            None => query,
        }
    }
}
