//! A day of the proleptic Gregorian calendar.

use std::fmt;
use std::str::FromStr;

use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::json;
use crate::kind::Kind;

/// A day of the proleptic Gregorian calendar.
///
/// ```
/// use persistable_key::Date;
///
/// assert_eq!(Date::new(2024, 2, 29)?.to_string(), "2024-02-29");
/// assert!(Date::new(2023, 2, 29).is_err());
/// # Ok::<(), persistable_key::ParamError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// Makes the day; year 0 is the one before year 1.
    ///
    /// # Errors
    ///
    /// Refuses a day that the calendar does not have.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, ParamError> {
        if (1..=days_in_month(i64::from(year), month)).contains(&day) {
            Ok(Self { year, month, day })
        } else {
            Err(ParamError::new(
                "date",
                "is not a day of the calendar",
                "give a month from 1 to 12 and a day which that month has",
            ))
        }
    }

    /// Returns the year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// Returns the month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Returns the day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }
}

impl Kind for Date {
    type Body = Self;

    const NAME: &'static str = "date";
    const TAG: u8 = 0x0a;

    fn put(date: &Self, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        out.extend(date.year.to_be_bytes());
        out.extend([date.month, date.day]);
        Ok(())
    }

    fn write<S: Serializer>(date: &Self, _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(date)
    }

    fn read(json: &Json, _: usize) -> Result<Self, ParamError> {
        json::text(Self::NAME, json)?.parse()
    }

    fn brief(date: &Self) -> String {
        date.to_string()
    }
}

fn days_in_month(year: i64, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_day(f, i64::from(self.year), self.month, self.day)
    }
}

pub(super) fn write_day(f: &mut fmt::Formatter<'_>, year: i64, month: u8, day: u8) -> fmt::Result {
    let sign = if year < 0 { "-" } else { "" };
    write!(f, "{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs())
}

/// Reads what `Display` writes, and nothing else.
impl FromStr for Date {
    type Err = ParamError;

    fn from_str(text: &str) -> Result<Self, ParamError> {
        parse(text)
            .filter(|date| date.to_string() == text)
            .ok_or_else(|| ParamError::new("date", "is not a date", "write year, month and day, as in `2024-02-29`"))
    }
}

fn parse(text: &str) -> Option<Date> {
    let (year_month, day) = text.rsplit_once('-')?;
    let (year, month) = year_month.rsplit_once('-')?;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
