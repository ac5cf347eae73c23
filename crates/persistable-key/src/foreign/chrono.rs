//! The dates and times of `chrono`.
//!
//! Moments in `Local` are none of these: what a key says must not depend on where it is made.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc,
};

use crate::error::ParamError;
use crate::param::Param;
use crate::scalar::{Date, Time, Zoned};
use crate::type_name::{TypeName, generic, named};
use crate::value::Value;

const NANOSECONDS_PER_SECOND: u32 = 1_000_000_000;

named! {
    "NaiveDate": NaiveDate; "NaiveTime": NaiveTime; "NaiveDateTime": NaiveDateTime; "TimeDelta": TimeDelta;
    "Utc": Utc; "FixedOffset": FixedOffset;
}

generic! {
    "DateTime<{}>", Z => [Z: TypeName + TimeZone] DateTime<Z>;
}

impl Param for NaiveDate {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Date(date(*self)?))
    }
}

impl Param for NaiveTime {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Time(time(*self)?))
    }
}

impl Param for NaiveDateTime {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::DateTime(date(self.date())?, time(self.time())?))
    }
}

impl Param for DateTime<Utc> {
    fn to_value(&self) -> Result<Value, ParamError> {
        zoned(self, 0)
    }
}

impl Param for DateTime<FixedOffset> {
    fn to_value(&self) -> Result<Value, ParamError> {
        zoned(self, self.offset().local_minus_utc())
    }
}

impl Param for TimeDelta {
    fn to_value(&self) -> Result<Value, ParamError> {
        let whole = i128::from(self.num_seconds()) * i128::from(NANOSECONDS_PER_SECOND);
        Ok(Value::Duration(whole + i128::from(self.subsec_nanos())))
    }
}

fn date(date: NaiveDate) -> Result<Date, ParamError> {
    Date::new(date.year(), date.month() as u8, date.day() as u8)
}

fn time(time: NaiveTime) -> Result<Time, ParamError> {
    refuse_leap_second(time.nanosecond())?;
    let whole = u64::from(time.num_seconds_from_midnight()) * u64::from(NANOSECONDS_PER_SECOND);
    Time::from_nanoseconds(whole + u64::from(time.nanosecond()))
}

fn zoned<Z: TimeZone>(moment: &DateTime<Z>, offset_seconds: i32) -> Result<Value, ParamError> {
    let above = moment.timestamp_subsec_nanos();
    refuse_leap_second(above)?;
    Ok(Value::Zoned(Zoned::new(moment.timestamp(), above, offset_seconds, "")?))
}

/// A leap second has more nanoseconds than others have, and no canonical form: it is no other second either.
fn refuse_leap_second(nanoseconds: u32) -> Result<(), ParamError> {
    if nanoseconds < NANOSECONDS_PER_SECOND {
        return Ok(());
    }
    Err(ParamError::new("chrono", "is in a leap second", "use the second before it or after it"))
}
