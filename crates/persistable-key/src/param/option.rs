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
        let ambiguous = match &value {
            Value::Null => true,
            Value::Enum(member) => member.type_name() == OPTION,
            _ => false,
        };
        Ok(if ambiguous { Value::Enum(EnumMember::new(OPTION, "Some", Some(value))) } else { value })
    }
}
