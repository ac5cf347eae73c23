//! The arrays of `ndarray`, in whatever layout they are in memory.

mod element;

use ndarray::{
    ArrayBase, ArrayRef, CowRepr, Data, Dim, Dimension, IxDynImpl, OwnedArcRepr, OwnedRepr, RawData, ViewRepr,
};

use crate::array::{Array, ArrayDigester};
use crate::error::ParamError;
use crate::param::Param;
use crate::type_name::{TypeName, generic, named};
use crate::value::Value;

pub use element::ArrayElement;

named! {
    "IxDynImpl": IxDynImpl;
}

generic! {
    "ArrayBase<{}, {}, {}>", S, D, A => [A: TypeName, S: TypeName + RawData<Elem = A>, D: TypeName] ArrayBase<S, D>;
    "Dim<{}>", I => [I: TypeName + ?Sized] Dim<I>;
    "OwnedRepr<{}>", A => [A: TypeName] OwnedRepr<A>;
    "OwnedArcRepr<{}>", A => [A: TypeName] OwnedArcRepr<A>;
    "ViewRepr<{}>", A => [A: TypeName] ViewRepr<A>;
    "CowRepr<{}>", A => [A: TypeName] CowRepr<'_, A>;
}

/// How many elements are brought into C order at a time.
const BATCH_ELEMENTS: usize = 1 << 16;

impl<A: ArrayElement, S: Data<Elem = A>, D: Dimension> Param for ArrayBase<S, D> {
    fn to_value(&self) -> Result<Value, ParamError> {
        ArrayRef::to_value(self)
    }
}

impl<A: ArrayElement, D: Dimension> Param for ArrayRef<A, D> {
    fn to_value(&self) -> Result<Value, ParamError> {
        let digest = match self.as_slice().and_then(A::bytes_in_memory) {
            Some(bytes) => ArrayDigester::digest(A::DTYPE, bytes),
            None => digest_in_batches(self)?,
        };
        let shape = self.shape().iter().map(|length| *length as u64).collect();
        Ok(Value::Array(Array::new(A::DTYPE, shape, digest)))
    }
}

fn digest_in_batches<A: ArrayElement, D: Dimension>(array: &ArrayRef<A, D>) -> Result<[u8; 32], ParamError> {
    let mut digester = ArrayDigester::new(A::DTYPE);
    let mut batch = Vec::with_capacity(BATCH_ELEMENTS.min(array.len()));
    for row in array.rows() {
        let mut elements = row.iter().cloned();
        loop {
            batch.extend(elements.by_ref().take(BATCH_ELEMENTS - batch.len()));
            if batch.len() < BATCH_ELEMENTS {
                break;
            }
            A::add_to(&batch, &mut digester)?;
            batch.clear();
        }
    }
    A::add_to(&batch, &mut digester)?;
    Ok(digester.finish())
}
