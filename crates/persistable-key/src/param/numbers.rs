//! Numbers and truth values.

use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128, NonZeroUsize,
};

use super::Param;
use crate::error::ParamError;
use crate::scalar::Int;
use crate::value::Value;

impl Param for bool {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Bool(*self))
    }
}

impl Param for f64 {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Float(*self))
    }
}

impl Param for f32 {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Float32(*self))
    }
}

impl Param for Int {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Int(self.clone()))
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Param for $integer {
            fn to_value(&self) -> Result<Value, ParamError> {
                Ok(Value::Int(Int::from(*self)))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! non_zero_integers {
    ($($integer:ty),*) => {$(
        impl Param for $integer {
            fn to_value(&self) -> Result<Value, ParamError> {
                Ok(Value::Int(Int::from(self.get())))
            }
        }
    )*};
}

non_zero_integers!(
    NonZeroI8,
    NonZeroI16,
    NonZeroI32,
    NonZeroI64,
    NonZeroI128,
    NonZeroIsize,
    NonZeroU8,
    NonZeroU16,
    NonZeroU32,
    NonZeroU64,
    NonZeroU128,
    NonZeroUsize
);
