//! The complex numbers of `num-complex`.

use num_complex::Complex;

use super::Param;
use crate::error::ParamError;
use crate::value::Value;

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
