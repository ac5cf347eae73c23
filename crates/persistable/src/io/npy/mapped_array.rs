//! Arrays that may lie in a file.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use ndarray::{ArcArray, Array, ArrayRef, Dimension};
use ndarray_npy::{ReadableElement, ViewElement, WritableElement};
use persistable_store::PayloadBytes;

use super::decode;
use super::view_in_file::ViewInFile;
use crate::StepResult;

/// An array to be read: one that was loaded and lies in its file, mapped into memory without a copy; or one in memory, when
/// it was just generated.
///
/// It is made [from](From) an `Array`, and used through the [`ArrayRef`] it dereferences to: `array.sum()`,
/// `array.view()`, `array[[1, 2]]`. Clones are cheap and share the elements.
///
/// ```
/// use ndarray::{Ix1, array};
/// use persistable::io::MappedArray;
///
/// let array: MappedArray<f64, Ix1> = array![1.0, 2.0, 4.0].into();
/// assert_eq!(array.sum(), 7.0);
/// assert!(!array.is_mapped());
/// assert_eq!(array.into_owned(), array![1.0, 2.0, 4.0]);
/// ```
pub struct MappedArray<A: 'static, D>(Elements<A, D>);

enum Elements<A: 'static, D> {
    Memory(ArcArray<A, D>),
    File(ViewInFile<A, D>),
}

impl<A, D: Dimension> MappedArray<A, D> {
    /// Returns whether the elements lie in a file, and not in memory of their own.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        matches!(self.0, Elements::File(_))
    }

    /// Returns an array that may be changed. It copies the elements unless this is the only one to have them in memory.
    #[must_use]
    pub fn into_owned(self) -> Array<A, D>
    where
        A: Clone,
    {
        match self.0 {
            Elements::Memory(array) => array.into_owned(),
            Elements::File(view) => (*view).to_owned(),
        }
    }

    pub(super) fn of_file(bytes: PayloadBytes) -> StepResult<Self>
    where
        A: WritableElement + ReadableElement + ViewElement + Clone,
    {
        let bytes = Arc::new(bytes);
        match ViewInFile::new(&bytes, |bytes| decode::view(bytes))? {
            Some(view) => Ok(Self(Elements::File(view))),
            None => Ok(Self(Elements::Memory(decode::owned(&bytes)?))),
        }
    }
}

impl<A, D> Deref for MappedArray<A, D> {
    type Target = ArrayRef<A, D>;

    fn deref(&self) -> &ArrayRef<A, D> {
        match &self.0 {
            Elements::Memory(array) => array,
            Elements::File(view) => view,
        }
    }
}

impl<A, D: Dimension> From<Array<A, D>> for MappedArray<A, D> {
    fn from(array: Array<A, D>) -> Self {
        Self(Elements::Memory(array.into()))
    }
}

impl<A, D: Clone> Clone for MappedArray<A, D> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Elements::Memory(array) => Elements::Memory(array.clone()),
            Elements::File(view) => Elements::File(view.clone()),
        })
    }
}

impl<A: PartialEq, D: Dimension> PartialEq for MappedArray<A, D> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<A: fmt::Debug, D: Dimension> fmt::Debug for MappedArray<A, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
