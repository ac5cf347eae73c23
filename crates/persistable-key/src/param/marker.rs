//! Types that are there for no value of theirs.

use std::marker::PhantomData;

use super::Param;
use crate::error::ParamError;
use crate::type_name::TypeName;
use crate::value::{EnumMember, Value};

/// Counts by the name of the type: `Sim<Fast>` and `Sim<Exact>` have two keys.
impl<T: TypeName + ?Sized> Param for PhantomData<T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Enum(EnumMember::new("PhantomData", T::type_name(), None)))
    }
}
