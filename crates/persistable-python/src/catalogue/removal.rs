//! What would be removed, as Python holds it.

use persistable_catalogue::RemovalPlan;
use pyo3::prelude::*;

use super::open_catalogues::json_of;

/// What would be removed, and why. `persistable.RemovalPlan` shows it.
#[pyclass(frozen, name = "RemovalPlan", module = "persistable._core")]
pub(crate) struct PyRemovalPlan {
    pub(super) plan: RemovalPlan,
}

#[pymethods]
impl PyRemovalPlan {
    /// Returns the plan as JSON.
    fn to_json(&self) -> PyResult<String> {
        json_of(&self.plan)
    }
}
