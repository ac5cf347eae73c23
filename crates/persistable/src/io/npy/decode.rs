//! Reading arrays.

use std::fmt::Display;

use ndarray::{Array, ArrayBase, ArrayView, DataOwned, Dimension, Ix, IxDyn, ShapeBuilder, StrideShape};
use ndarray_npy::npy::header::Header;
use ndarray_npy::{ReadableElement, ViewDataError, ViewElement, WritableElement};

use crate::StepResult;
use crate::io::support::problem::{not_empty, unreadable};

const MAGIC: &[u8] = b"\x93NUMPY";
/// NumPy's own limit on headers, which says it guards against crafted files.
const HEADER_BYTES: usize = 10_000;
/// Enough for the dictionary and the shape in it. The parser of the header descends into each.
const HEADER_BRACKETS: usize = 8;

/// Views the array in an NPY file as it lies there; `None` where its elements have to be copied first, since they are in
/// the other byte order or don't begin where elements may.
pub(super) fn view<A, D>(file: &[u8]) -> StepResult<Option<ArrayView<'_, A, D>>>
where
    A: WritableElement + ViewElement,
    D: Dimension,
{
    let Parts { header, data, len } = split::<A, D>(file)?;
    let elements = match A::bytes_as_slice(data, &header.type_descriptor, len) {
        Ok(elements) => elements,
        Err(ViewDataError::NonNativeEndian | ViewDataError::Misaligned) => return Ok(None),
        Err(error) => return Err(wrong_elements::<A, D>(&header, error)),
    };
    let view = ArrayView::from_shape(shape(&header), elements).map_err(refused::<A, D>)?;
    Ok(Some(view.into_dimensionality().map_err(|_| wrong_dimensions::<A, D>(&header))?))
}

/// Reads the array in an NPY file.
pub(super) fn owned<A, S, D>(file: &[u8]) -> StepResult<ArrayBase<S, D>>
where
    A: WritableElement + ReadableElement + ViewElement + Clone,
    S: DataOwned<Elem = A>,
    D: Dimension,
{
    let Parts { header, data, len } = split::<A, D>(file)?;
    let elements = match A::bytes_as_slice(data, &header.type_descriptor, len) {
        Ok(elements) => elements.to_vec(),
        Err(ViewDataError::NonNativeEndian | ViewDataError::Misaligned) if data.len() == len * size_of::<A>() => {
            A::read_to_end_exact_vec(data, &header.type_descriptor, len).map_err(refused::<A, D>)?
        }
        Err(error) => return Err(wrong_elements::<A, D>(&header, error)),
    };
    let array = ArrayBase::from_shape_vec(shape(&header), elements).map_err(refused::<A, D>)?;
    array.into_dimensionality().map_err(|_| wrong_dimensions::<A, D>(&header))
}

struct Parts<'a> {
    header: Header,
    data: &'a [u8],
    /// How many elements there are. So many are in `data`.
    len: usize,
}

/// Parses the header. Nothing is allocated by a length that the file only claims.
fn split<A, D>(file: &[u8]) -> StepResult<Parts<'_>> {
    let file = not_empty::<Array<A, D>, _>("NPY", file)?;
    if !file.starts_with(MAGIC) {
        return Err(refused::<A, D>("they do not begin as an NPY file does"));
    }
    let header_len = match *file {
        [_, _, _, _, _, _, 1, _, a, b, ..] => usize::from(u16::from_le_bytes([a, b])),
        [_, _, _, _, _, _, 2 | 3, _, a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]) as usize,
        _ => 0,
    };
    if header_len > HEADER_BYTES.min(file.len()) {
        return Err(refused::<A, D>(format!("its header claims to have {header_len} bytes")));
    }
    let prefix = file.get(..header_len.saturating_add(12)).unwrap_or(file);
    if prefix.iter().filter(|byte| b"([{".contains(byte)).count() > HEADER_BRACKETS {
        return Err(refused::<A, D>("its header describes more than an array of numbers"));
    }
    let mut data = file;
    let header = Header::from_reader(&mut data).map_err(refused::<A, D>)?;
    let len = header.shape.iter().try_fold(1, |len: usize, &axis| len.checked_mul(axis));
    match len {
        Some(len) if len.checked_mul(size_of::<A>()).is_some() => Ok(Parts { header, data, len }),
        _ => Err(refused::<A, D>(format!("no array has the shape {:?}", header.shape))),
    }
}

fn shape(header: &Header) -> StrideShape<IxDyn> {
    IxDyn(&header.shape).set_f(header.layout.is_fortran()).into()
}

type Problem = Box<dyn std::error::Error + Send + Sync>;

fn refused<A, D>(why: impl Display) -> Problem {
    unreadable::<Array<A, D>>("NPY", why)
}

fn wrong_elements<A: WritableElement, D>(header: &Header, error: ViewDataError) -> Problem {
    match error {
        ViewDataError::WrongDescriptor(found) => refused::<A, D>(format!(
            "its elements are {found}, and {} are {}",
            std::any::type_name::<A>(),
            A::type_descriptor()
        )),
        ViewDataError::MissingBytes(count) => {
            refused::<A, D>(format!("its shape is {:?}, and {count} bytes of that are missing", header.shape))
        }
        ViewDataError::NonNativeEndian | ViewDataError::Misaligned => {
            refused::<A, D>(format!("its shape is {:?}, which is not what its data has room for", header.shape))
        }
        ViewDataError::ExtraBytes(count) => {
            refused::<A, D>(format!("its shape is {:?}, and there are {count} bytes more", header.shape))
        }
        error => refused::<A, D>(error),
    }
}

fn wrong_dimensions<A, D: Dimension>(header: &Header) -> Problem {
    let expected: Option<Ix> = D::NDIM;
    let expected = expected.map_or_else(|| "any number".to_owned(), |count| count.to_string());
    let found = &header.shape;
    refused::<A, D>(format!("its shape is {found:?}, which is {} dimensions, and not {expected}", found.len()))
}
