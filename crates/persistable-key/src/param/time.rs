//! The times of the standard library.

use std::time::{Duration, SystemTime};

use super::Param;
use crate::error::ParamError;
use crate::scalar::Zoned;
use crate::value::Value;

const NANOSECONDS_PER_SECOND: i128 = 1_000_000_000;

impl Param for Duration {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Duration(nanoseconds(*self)))
    }
}

/// A moment in UTC.
impl Param for SystemTime {
    fn to_value(&self) -> Result<Value, ParamError> {
        let since_1970 = match self.duration_since(Self::UNIX_EPOCH) {
            Ok(after) => nanoseconds(after),
            Err(before) => -nanoseconds(before.duration()),
        };
        let seconds = i64::try_from(since_1970.div_euclid(NANOSECONDS_PER_SECOND)).map_err(|_| {
            ParamError::new("SystemTime", "is too far from 1970", "use a moment whose seconds fit 64 bits")
        })?;
        let above = since_1970.rem_euclid(NANOSECONDS_PER_SECOND) as u32;
        Ok(Value::Zoned(Zoned::new(seconds, above, 0, "")?))
    }
}

/// The most is 2^64 seconds, which 128 bits hold with room to spare.
fn nanoseconds(duration: Duration) -> i128 {
    i128::from(duration.as_secs()) * NANOSECONDS_PER_SECOND + i128::from(duration.subsec_nanos())
}
