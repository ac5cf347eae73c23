//! Dates and times of `chrono`.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use persistable::PersistableParams;

use crate::call::{Outcome, text_step};

#[derive(Clone, PersistableParams)]
pub(super) struct ChronoTimes {
    day: NaiveDate,
    before_christ: NaiveDate,
    hour: NaiveTime,
    both: NaiveDateTime,
    moment: DateTime<Utc>,
    long_ago: DateTime<Utc>,
    at_offset: DateTime<FixedOffset>,
    span: TimeDelta,
    backwards: TimeDelta,
}

text_step!(ChronoTimes, "chrono times");

pub(super) fn times() -> Outcome<ChronoTimes> {
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).ok_or("no leap year")?;
    let new_year = NaiveDate::from_ymd_opt(1, 1, 1).ok_or("no first day")?;
    let moment = DateTime::from_timestamp(1_709_210_096, 123_456_000).ok_or("no such moment")?;
    let both = NaiveDate::from_ymd_opt(1999, 12, 31).and_then(|day| day.and_hms_micro_opt(1, 2, 3, 4));
    Ok(ChronoTimes {
        day,
        before_christ: new_year,
        hour: NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).ok_or("no such hour")?,
        both: both.ok_or("no such time")?,
        moment,
        long_ago: new_year.and_time(NaiveTime::MIN).and_utc(),
        at_offset: moment.with_timezone(&FixedOffset::west_opt(5 * 3600).ok_or("no such offset")?),
        span: TimeDelta::milliseconds(1_500),
        backwards: TimeDelta::microseconds(-1),
    })
}
