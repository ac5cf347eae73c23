//! Writing arrays.

use std::io::Write;

use ndarray::{ArrayRef, Dimension};
use ndarray_npy::npy::header::{Header, Layout};
use ndarray_npy::{WritableElement, WriteDataError};

use crate::StepResult;
use crate::io::support::problem::unwritable;

/// Elements that don't lie in order are gathered in pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// Writes an array: as one slice where its elements lie in the order of the file, without a copy.
pub(super) fn write<A, D>(array: &ArrayRef<A, D>, writer: &mut (dyn Write + Send)) -> StepResult<()>
where
    A: WritableElement + Clone,
    D: Dimension,
{
    let turned = array.t();
    let (layout, slice) = match (array.as_slice(), turned.as_slice()) {
        (Some(slice), _) => (Layout::Standard, Some(slice)),
        (None, Some(slice)) => (Layout::Fortran, Some(slice)),
        (None, None) => (Layout::Standard, None),
    };
    let header = Header { type_descriptor: A::type_descriptor(), layout, shape: array.shape().to_vec() };
    let header = header.to_bytes().map_err(|error| unwritable::<ArrayRef<A, D>>("NPY", error))?;
    writer.write_all(&header)?;
    match slice {
        Some(slice) => write_slice(slice, writer),
        None => write_pieces(array, writer),
    }
}

fn write_pieces<A, D>(array: &ArrayRef<A, D>, writer: &mut (dyn Write + Send)) -> StepResult<()>
where
    A: WritableElement + Clone,
    D: Dimension,
{
    let mut elements = array.iter();
    let mut piece = Vec::with_capacity((PIECE_BYTES / size_of::<A>().max(1)).min(array.len()));
    while elements.len() > 0 {
        piece.clear();
        piece.extend(elements.by_ref().take(piece.capacity()).cloned());
        write_slice(&piece, writer)?;
    }
    Ok(())
}

fn write_slice<A: WritableElement>(slice: &[A], writer: &mut (dyn Write + Send)) -> StepResult<()> {
    A::write_slice(slice, writer).map_err(|error| match error {
        WriteDataError::Io(error) => error.into(),
        WriteDataError::FormatData(error) => error,
    })
}
