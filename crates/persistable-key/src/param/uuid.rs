//! The UUIDs of `uuid`.

use uuid::Uuid;

use super::Param;
use crate::error::ParamError;
use crate::value::Value;

impl Param for Uuid {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Uuid(*self.as_bytes()))
    }
}
