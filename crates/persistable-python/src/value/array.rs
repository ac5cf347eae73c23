//! Arrays of NumPy, digested where they are.

use persistable::Value;
use persistable::value::{Array, ArrayDigester, Dtype};
use pyo3::prelude::*;

use super::failure::Failure;
use crate::buffer::Buffer;

/// Up to this, releasing the interpreter costs more than others could do meanwhile.
const RELEASE_BYTES: usize = 1 << 16;

/// How many elements are brought into order at a time.
const BATCH_ELEMENTS: usize = 1 << 16;

/// How elements lie in memory.
struct Elements {
    dtype: Dtype,
    /// The size of what is swapped where the bytes are big-endian.
    number_bytes: usize,
    is_big_endian: bool,
}

/// Returns the value of an array; none where its elements have no meaning as bytes.
pub(super) fn value_of(object: &Bound<'_, PyAny>) -> Result<Option<Value>, Failure> {
    // Not every dtype has a format in the protocol; what has none is not for here.
    let Ok(buffer) = Buffer::of_array(object) else { return Ok(None) };
    let Some(elements) = elements_of(buffer.format(), buffer.itemsize()) else { return Ok(None) };
    let shape: Vec<u64> = buffer.shape().iter().map(|length| length.unsigned_abs() as u64).collect();
    let digest = digest(object.py(), &buffer, &elements);
    Ok(Some(Value::Array(Array::new(elements.dtype, shape, digest))))
}

fn digest(py: Python<'_>, buffer: &Buffer, elements: &Elements) -> [u8; 32] {
    if !elements.is_big_endian
        && let Some(bytes) = buffer.as_contiguous()
    {
        return digest_bytes(py, elements.dtype, bytes);
    }
    let in_memory = buffer.elements();
    py.detach(|| {
        let mut digester = ArrayDigester::new(elements.dtype);
        in_memory.in_batches(BATCH_ELEMENTS, |batch| {
            if elements.is_big_endian {
                batch.chunks_exact_mut(elements.number_bytes).for_each(<[u8]>::reverse);
            }
            digester.update(batch);
        });
        digester.finish()
    })
}

/// Returns the digest of elements that lie in C order, little-endian.
pub(super) fn digest_bytes(py: Python<'_>, dtype: Dtype, bytes: &[u8]) -> [u8; 32] {
    if bytes.len() > RELEASE_BYTES {
        py.detach(|| ArrayDigester::digest(dtype, bytes))
    } else {
        ArrayDigester::digest(dtype, bytes)
    }
}

fn elements_of(format: &str, itemsize: usize) -> Option<Elements> {
    let (order, code) = match format.chars().next()? {
        order @ ('@' | '=' | '^' | '<' | '>' | '!') => (order, format.get(1..)?),
        _ => ('@', format),
    };
    // The width of `l` is the platform's business, so it is the item's size that counts.
    let dtype = match (code, itemsize) {
        ("?", 1) => Dtype::Bool,
        ("b" | "h" | "i" | "l" | "q" | "n", 1) => Dtype::Int8,
        ("b" | "h" | "i" | "l" | "q" | "n", 2) => Dtype::Int16,
        ("b" | "h" | "i" | "l" | "q" | "n", 4) => Dtype::Int32,
        ("b" | "h" | "i" | "l" | "q" | "n", 8) => Dtype::Int64,
        ("B" | "H" | "I" | "L" | "Q" | "N", 1) => Dtype::Uint8,
        ("B" | "H" | "I" | "L" | "Q" | "N", 2) => Dtype::Uint16,
        ("B" | "H" | "I" | "L" | "Q" | "N", 4) => Dtype::Uint32,
        ("B" | "H" | "I" | "L" | "Q" | "N", 8) => Dtype::Uint64,
        ("e", 2) => Dtype::Float16,
        ("f", 4) => Dtype::Float32,
        ("d", 8) => Dtype::Float64,
        ("Zf", 8) => Dtype::Complex64,
        ("Zd", 16) => Dtype::Complex128,
        _ => return None,
    };
    let number_bytes = if code.starts_with('Z') { itemsize / 2 } else { itemsize };
    let is_big_endian = match order {
        '<' => false,
        '>' | '!' => true,
        _ => cfg!(target_endian = "big"),
    };
    Some(Elements { dtype, number_bytes, is_big_endian: is_big_endian && number_bytes > 1 })
}
