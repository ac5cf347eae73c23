//! The UUIDs of `uuid`.

use uuid::Uuid;

use crate::error::ParamError;
use crate::param::Param;
use crate::type_name::named;
use crate::value::Value;

named! {
    "Uuid": Uuid;
}

impl Param for Uuid {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Uuid(*self.as_bytes()))
    }
}
