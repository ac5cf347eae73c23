//! The integers of `num-bigint`.

use num_bigint::{BigInt, BigUint};

use crate::error::ParamError;
use crate::param::Param;
use crate::scalar::Int;
use crate::type_name::named;
use crate::value::Value;

named! {
    "BigInt": BigInt; "BigUint": BigUint;
}

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
