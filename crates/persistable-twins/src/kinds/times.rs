//! Dates and times, of the standard library and of `jiff`.

use std::time::{Duration, SystemTime};

use jiff::civil::{Date, DateTime, Time, date, time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};
use persistable::{ParamError, PersistableParams, Value, value};

use crate::call::text_step;

#[derive(PersistableParams)]
pub(super) struct Times {
    day: Date,
    before_christ: Date,
    hour: Time,
    both: DateTime,
    moment: Timestamp,
    system: SystemTime,
    at_offset: Zoned,
    #[param(encode_with = in_paris)]
    in_paris: i64,
    span: Duration,
    backwards: SignedDuration,
}

text_step!(Times, "times");

pub(super) fn times() -> persistable::Result<Times> {
    let moment = Timestamp::constant(1_709_210_096, 123_456_000);
    Ok(Times {
        day: date(2024, 2, 29),
        before_christ: date(1, 1, 1),
        hour: time(23, 59, 59, 999_999_000),
        both: date(1999, 12, 31).at(1, 2, 3, 4_000),
        moment,
        system: SystemTime::UNIX_EPOCH - Duration::from_micros(1),
        at_offset: moment.to_zoned(TimeZone::fixed(Offset::constant(-5))),
        in_paris: 1_720_000_000,
        span: Duration::from_millis(1_500),
        backwards: SignedDuration::from_micros(-1),
    })
}

/// What `jiff` gives where it knows the zones: a summer's day in Paris.
fn in_paris(seconds: &i64) -> Result<Value, ParamError> {
    Ok(Value::Zoned(value::Zoned::new(*seconds, 0, 7_200, "Europe/Paris")?))
}
