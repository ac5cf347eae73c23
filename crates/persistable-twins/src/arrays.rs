//! Arrays of every kind of element, in every order.

use ndarray::{Array, Array0, Array1, Array2, Array3, Axis, Dimension, Ix1, ShapeBuilder, arr0};
use num_complex::{Complex32, Complex64};
use persistable::{PersistableParams, Run, Step, StepResult, io};

use crate::call::{Call, Outcome};

/// Makes a step of each name and payload, and the function that finds it.
macro_rules! arrays {
    ($($name:literal $step:ident: $payload:ty = $array:expr;)*) => {
        pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
            match call.step.as_str() {
                // Elements that are in no order on one side are in C order on the other.
                "array_in_no_order" => call.with_shown(|_| Ok(ArrayInNoOrder {}), |array| format!("{:?}", array.as_standard_layout())),
                $($name => call.with(|_| Ok($step {})),)*
                "large_array" => call.with_shown(|_| Ok(LargeArray {}), summed),
                _ => None,
            }
        }

        $(
            #[derive(PersistableParams)]
            struct $step {}

            impl Step for $step {
                type Payload = $payload;
                type Io = io::Npy;

                fn generate_payload(&self, _: &Run<'_>) -> StepResult<$payload> {
                    Ok($array)
                }
            }
        )*
    };
}

arrays! {
    "array_of_f64" ArrayOfF64: Array1<f64> = vec![0.1, -0.0, f64::INFINITY, f64::NAN, 5e-324].into();
    "array_of_f32" ArrayOfF32: Array1<f32> = vec![0.1, -0.0, f32::MAX].into();
    "array_of_i8" ArrayOfI8: Array1<i8> = vec![i8::MIN, 0, i8::MAX].into();
    "array_of_i16" ArrayOfI16: Array1<i16> = vec![i16::MIN, 0, i16::MAX].into();
    "array_of_i32" ArrayOfI32: Array1<i32> = vec![i32::MIN, 0, i32::MAX].into();
    "array_of_i64" ArrayOfI64: Array1<i64> = vec![i64::MIN, 0, i64::MAX].into();
    "array_of_u8" ArrayOfU8: Array1<u8> = vec![0, 1, u8::MAX].into();
    "array_of_u16" ArrayOfU16: Array1<u16> = vec![0, 1, u16::MAX].into();
    "array_of_u32" ArrayOfU32: Array1<u32> = vec![0, 1, u32::MAX].into();
    "array_of_u64" ArrayOfU64: Array1<u64> = vec![0, 1, u64::MAX].into();
    "array_of_bool" ArrayOfBool: Array1<bool> = vec![true, false, true].into();
    "array_of_complex64" ArrayOfComplex64: Array1<Complex32> = vec![Complex32::new(0.1, -0.0)].into();
    "array_of_complex128" ArrayOfComplex128: Array1<Complex64> = vec![Complex64::new(-0.0, 0.1)].into();
    "array_in_c_order" ArrayInCOrder: Array3<u16> = counted((2, 3, 4));
    "array_in_fortran_order" ArrayInFortranOrder: Array2<u16> = counted((3, 4).f());
    "array_without_axes" ArrayWithoutAxes: Array0<f64> = arr0(0.1);
    "array_without_elements" ArrayWithoutElements: Array2<f64> = Array2::zeros((0, 3));
}

/// Counts in C order, in whichever order the elements lie.
fn counted<D: Dimension>(shape: impl ShapeBuilder<Dim = D>) -> Array<u16, D> {
    let mut array = Array::zeros(shape);
    array.iter_mut().zip(0..).for_each(|(element, count)| *element = count);
    array
}

#[derive(PersistableParams)]
struct ArrayInNoOrder {}

impl Step for ArrayInNoOrder {
    type Payload = Array2<u16>;
    type Io = io::Npy;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Array2<u16>> {
        let mut array = counted((3, 4));
        array.invert_axis(Axis(1));
        Ok(array)
    }
}

/// An array of 64 MiB, to be mapped.
#[derive(PersistableParams)]
struct LargeArray {}

const LARGE: usize = 1 << 23;

impl Step for LargeArray {
    type Payload = io::MappedArray<f64, Ix1>;
    type Io = io::Npy;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Self::Payload> {
        Ok(Array1::range(0.0, LARGE as f64, 1.0).into())
    }
}

/// Whole numbers, whose sums are exact.
fn summed(array: &io::MappedArray<f64, Ix1>) -> String {
    format!("{:?} elements, which sum up to {}", array.shape(), array.sum())
}
