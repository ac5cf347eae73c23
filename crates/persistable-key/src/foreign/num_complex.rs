//! The complex numbers of `num-complex`.

use num_complex::Complex;

use crate::error::ParamError;
use crate::param::Param;
use crate::type_name::{TypeName, generic};
use crate::value::Value;

generic! {
    "Complex<{}>", T => [T: TypeName] Complex<T>;
}

impl Param for Complex<f64> {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Complex(self.re, self.im))
    }
}

impl Param for Complex<f32> {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Complex(f64::from(self.re), f64::from(self.im)))
    }
}

/// Elements of arrays.
#[cfg(feature = "ndarray")]
mod elements {
    use num_complex::Complex;

    use super::super::ndarray::ArrayElement;
    use crate::array::{ArrayDigester, Dtype};
    use crate::error::ParamError;

    macro_rules! complex_numbers {
        ($($part:ty => $dtype:ident),*) => {$(
            impl ArrayElement for Complex<$part> {
                const DTYPE: Dtype = Dtype::$dtype;

                fn bytes_in_memory(elements: &[Self]) -> Option<&[u8]> {
                    <$part>::bytes_in_memory(bytemuck::cast_slice(elements))
                }

                fn add_to(elements: &[Self], digester: &mut ArrayDigester) -> Result<(), ParamError> {
                    <$part>::add_to(bytemuck::cast_slice(elements), digester)
                }
            }
        )*};
    }

    complex_numbers!(f32 => Complex64, f64 => Complex128);
}
