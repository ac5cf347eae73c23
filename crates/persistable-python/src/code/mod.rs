//! stub
use persistable::CodeRecord;
use persistable::store::Digest;
use pyo3::prelude::*;
use std::sync::Arc;
pub(crate) struct StepCode;
impl StepCode {
    pub(crate) fn quick(&self, _: Python<'_>, _: &[String]) -> PyResult<Option<(String, Digest)>> {
        Ok(None)
    }
    pub(crate) fn full(&self, _: Python<'_>) -> PyResult<CodeRecord> {
        Ok(CodeRecord::new())
    }
    pub(crate) fn state_since(&self, _: Python<'_>) -> PyResult<Vec<String>> {
        Ok(Vec::new())
    }
}
pub(crate) fn of(_: &Bound<'_, PyAny>) -> PyResult<Option<Arc<StepCode>>> {
    Ok(None)
}
pub(crate) fn version_of(_: &Bound<'_, PyAny>, declared: Option<String>) -> PyResult<Option<String>> {
    Ok(declared)
}
