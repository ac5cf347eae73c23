//! The integers of `num-bigint`.

use num_bigint::{BigInt, BigUint};

use super::Param;
use crate::error::ParamError;
use crate::int::Int;
use crate::value::Value;

impl Param for BigInt {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Int(Int::from(self.clone())))
    }
}

impl Param for BigUint {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Int(Int::from(BigInt::from(self.clone()))))
    }
}

impl From<BigInt> for Int {
    fn from(number: BigInt) -> Self {
        Self::from_big(number)
    }
}
