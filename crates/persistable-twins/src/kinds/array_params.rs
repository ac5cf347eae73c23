//! Arrays.

use ndarray::{Array0, Array1, Array2, Array3, ShapeBuilder, arr0, array};
use num_complex::Complex64;
use persistable::PersistableParams;

use crate::call::text_step;

#[derive(PersistableParams)]
pub(super) struct ArrayParams {
    matrix: Array2<f64>,
    fortran: Array2<u8>,
    turned: Array2<i32>,
    integers: Array1<i64>,
    flags: Array1<bool>,
    complexes: Array1<Complex64>,
    scalar: Array0<f32>,
    empty: Array3<i16>,
    not_numbers: Array1<f32>,
}

impl ArrayParams {
    pub(super) fn example() -> Self {
        Self {
            matrix: array![[0.1, -0.0], [f64::INFINITY, 1e-300]],
            fortran: Array2::from_shape_fn((2, 3).f(), |(row, column)| (3 * row + column) as u8),
            turned: array![[1, 2, 3], [4, 5, 6]].reversed_axes(),
            integers: array![i64::MIN, i64::MAX],
            flags: array![true, false, true],
            complexes: array![Complex64::new(1.0, -1.0)],
            scalar: arr0(0.1),
            empty: Array3::zeros((2, 0, 3)),
            not_numbers: array![f32::NAN, -f32::NAN, f32::from_bits(0x7fa0_0001)],
        }
    }
}

text_step!(ArrayParams, "array params");
