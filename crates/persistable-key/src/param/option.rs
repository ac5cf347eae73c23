//! Absence.

use super::Param;
use crate::error::ParamError;
use crate::value::{EnumMember, Value};

const OPTION: &str = "Option";

/// `None` is null and `Some` is the value itself, unless that would make two options one.
impl<T: Param> Param for Option<T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        let Some(present) = self else {
            return Ok(Value::Null);
        };
        let value = present.to_value()?;
        Ok(if is_ambiguous(&value) { Value::Enum(EnumMember::new(OPTION, "Some", Some(value))) } else { value })
    }
}

/// Tells whether the value could also be a whole option.
fn is_ambiguous(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Enum(member) => member.type_name() == OPTION,
        Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Float32(_)
        | Value::Complex(..)
        | Value::Decimal(_) => false,
        Value::Text(_) | Value::Bytes(_) | Value::Path(_) | Value::Uuid(_) => false,
        Value::Date(_) | Value::Time(_) | Value::DateTime(..) | Value::Zoned(_) | Value::Duration(_) => false,
        Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Map(_) => false,
        Value::Record(_) | Value::Array(_) | Value::Table(_) => false,
    }
}
