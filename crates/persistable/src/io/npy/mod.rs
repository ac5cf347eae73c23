//! NumPy's format for arrays.

mod decode;
mod encode;
mod mapped_array;
#[cfg(test)]
mod tests;
mod view_in_file;

use ndarray::{ArrayBase, DataOwned, Dimension};
use ndarray_npy::{ReadableElement, ViewElement, WritableElement};

pub use self::mapped_array::MappedArray;

use crate::StepResult;
use crate::io::{PayloadIo, Source, Target};

/// Keeps an `ndarray` array as NumPy does, in a `.npy` file.
///
/// A payload of type [`Array`](ndarray::Array) (or [`ArcArray`](ndarray::ArcArray)) is read into memory on load. One of
/// type [`MappedArray`] stays in its file and is mapped into memory, without a copy: it loads in no time, whatever its
/// size, and costs memory only as far as it is looked at.
///
/// The elements are what `ndarray-npy` knows: integers up to 64 bits, `f32`, `f64`, `bool`, and complex numbers with the
/// feature `num-complex`. Floats are kept to the bit. An array in C or Fortran order is written as it lies in memory and
/// comes back in that order; any other is written in C order. A file of other elements or of another number of dimensions
/// is an error.
///
/// ```
/// # use persistable::StepResult;
/// use ndarray::{Array2, array};
/// use persistable::io::{Npy, PayloadIo, Source, Target};
///
/// # fn main() -> StepResult<()> {
/// let mut file = Vec::new();
/// let mut target = Target::within(&mut file, ".npy");
/// Npy.save(&array![[1.5, 2.5], [3.5, 4.5]], &mut target)?;
/// target.finish()?;
///
/// let loaded: Array2<f64> = Npy.load(&mut Source::within(|| Ok(file.clone()), ".npy"))?;
/// assert_eq!(loaded, array![[1.5, 2.5], [3.5, 4.5]]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Npy;

const NAME: &str = "npy";
const SUFFIX: &str = ".npy";

impl<A, S, D> PayloadIo<ArrayBase<S, D>> for Npy
where
    A: WritableElement + ReadableElement + ViewElement + Clone,
    S: DataOwned<Elem = A>,
    D: Dimension,
{
    fn name(&self) -> String {
        NAME.into()
    }

    fn suffix(&self) -> String {
        SUFFIX.into()
    }

    fn save(&self, payload: &ArrayBase<S, D>, target: &mut Target<'_>) -> StepResult<()> {
        encode::write(payload, target.writer()?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<ArrayBase<S, D>> {
        decode::owned(&source.bytes()?)
    }
}

impl<A, D> PayloadIo<MappedArray<A, D>> for Npy
where
    A: WritableElement + ReadableElement + ViewElement + Clone + Send + Sync + 'static,
    D: Dimension,
{
    fn name(&self) -> String {
        NAME.into()
    }

    fn suffix(&self) -> String {
        SUFFIX.into()
    }

    fn save(&self, payload: &MappedArray<A, D>, target: &mut Target<'_>) -> StepResult<()> {
        encode::write(payload, target.writer()?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<MappedArray<A, D>> {
        MappedArray::of_file(source.map()?)
    }
}
