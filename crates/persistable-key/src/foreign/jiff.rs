//! The dates and times of `jiff`.
//!
//! A `Span` is none of these: how long a month is depends on where it begins.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::error::ParamError;
use crate::param::Param;
use crate::scalar;
use crate::type_name::named;
use crate::value::Value;

named! {
    "Date": Date; "Time": Time; "DateTime": DateTime; "Timestamp": Timestamp; "Zoned": Zoned;
    "SignedDuration": SignedDuration; "Span": jiff::Span;
}

impl Param for Date {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Date(date(*self)?))
    }
}

impl Param for Time {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Time(time(*self)?))
    }
}

impl Param for DateTime {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::DateTime(date(self.date())?, time(self.time())?))
    }
}

/// A moment in UTC.
impl Param for Timestamp {
    fn to_value(&self) -> Result<Value, ParamError> {
        zoned(*self, 0, "")
    }
}

impl Param for Zoned {
    fn to_value(&self) -> Result<Value, ParamError> {
        let zone = self.time_zone().iana_name().unwrap_or_default();
        zoned(self.timestamp(), self.offset().seconds(), zone)
    }
}

impl Param for SignedDuration {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Duration(self.as_nanos()))
    }
}

fn date(date: Date) -> Result<scalar::Date, ParamError> {
    scalar::Date::new(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs())
}

fn time(time: Time) -> Result<scalar::Time, ParamError> {
    let since_midnight = time.duration_since(Time::midnight()).as_nanos();
    scalar::Time::from_nanoseconds(u64::try_from(since_midnight).unwrap_or(u64::MAX))
}

fn zoned(moment: Timestamp, offset_seconds: i32, zone: &str) -> Result<Value, ParamError> {
    let since_1970 = moment.as_nanosecond();
    let seconds = since_1970.div_euclid(1_000_000_000) as i64;
    let above = since_1970.rem_euclid(1_000_000_000) as u32;
    Ok(Value::Zoned(scalar::Zoned::new(seconds, above, offset_seconds, zone)?))
}
