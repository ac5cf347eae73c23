//! Texts that are to be part of a file's name.

use persistable::ErrorKind;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::buffer::utf8_of;
use crate::errors;

/// Copies a text that is to be part of a file's name.
pub(crate) fn name_of(text: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = text.cast::<PyString>()?;
    utf8_of(text).map(str::to_owned).ok_or_else(|| {
        let shown = text.repr().map_or_else(|_| "the name".to_owned(), |shown| shown.to_string());
        let message = format!("{shown} holds a lone surrogate, and so can't be part of a file's name");
        errors::exception(text.py(), ErrorKind::InvalidName, &message)
    })
}
