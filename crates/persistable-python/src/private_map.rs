//! A payload's file in memory, as Python reads it.

use persistable::store::PrivateBytes;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;

/// A payload's file, mapped copy-on-write: writing to it changes memory alone.
///
/// The stable ABI has no buffer protocol before Python 3.11, so Python makes a buffer out of address and size; whoever
/// does so holds this object as long as the buffer lives.
#[pyclass(frozen, module = "persistable._core")]
pub(crate) struct PrivateMap {
    address: usize,
    size: usize,
    _bytes: PrivateBytes,
}

#[pymethods]
impl PrivateMap {
    /// The address of the first byte.
    #[getter]
    fn address(&self) -> usize {
        self.address
    }

    /// The size in bytes.
    #[getter]
    fn size(&self) -> usize {
        self.size
    }
}

/// Returns what `FileIO._read` takes: a `bytearray`, or a map.
pub(crate) fn buffer_of(py: Python<'_>, bytes: PrivateBytes) -> PyResult<Bound<'_, PyAny>> {
    match bytes {
        PrivateBytes::Owned(bytes) => Ok(PyByteArray::new(py, &bytes).into_any()),
        mut bytes => {
            let (address, size) = (bytes.as_mut_ptr().expose_provenance(), bytes.len());
            Ok(Bound::new(py, PrivateMap { address, size, _bytes: bytes })?.into_any())
        }
    }
}
