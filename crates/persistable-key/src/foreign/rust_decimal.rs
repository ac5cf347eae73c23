//! The decimals of `rust_decimal`.

use crate::error::ParamError;
use crate::param::Param;
use crate::scalar::Decimal;
use crate::type_name::named;
use crate::value::Value;

named! {
    "Decimal": rust_decimal::Decimal;
}

impl Param for rust_decimal::Decimal {
    fn to_value(&self) -> Result<Value, ParamError> {
        let coefficient = self.mantissa().unsigned_abs().to_string();
        let exponent = -i64::from(self.scale());
        Ok(Value::Decimal(Decimal::new(self.is_sign_negative(), &coefficient, exponent)?))
    }
}
