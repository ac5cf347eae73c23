//! Texts and integers of Python.

use persistable::value::Int;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString};

use super::failure::{Failure, refused};
use crate::buffer::utf8_of;
use crate::once::intern;

pub(super) fn text_of(text: &Bound<'_, PyString>) -> Result<String, Failure> {
    utf8_of(text).map(String::from).ok_or_else(|| {
        refused(text, "holds a lone surrogate, and so is not Unicode", "encode it as bytes, for example by os.fsencode")
    })
}

pub(super) fn int_of(int: &Bound<'_, PyInt>) -> PyResult<Int> {
    if let Ok(small) = int.extract::<i64>() {
        return Ok(Int::from(small));
    }
    let py = int.py();
    let is_negative = int.lt(0)?;
    let magnitude = int.call_method0(intern!(py, "__abs__"))?;
    let bits: usize = magnitude.call_method0(intern!(py, "bit_length"))?.extract()?;
    let bytes = magnitude.call_method1(intern!(py, "to_bytes"), (bits.div_ceil(8), intern!(py, "big")))?;
    Ok(Int::from_sign_magnitude(is_negative, bytes.cast::<PyBytes>()?.as_bytes()))
}
