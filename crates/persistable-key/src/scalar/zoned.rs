//! A moment with the zone in which it is meant.

use std::fmt;

use serde::Serializer;
use serde::ser::SerializeMap;
use serde_json::Value as Json;

use super::date::write_day;
use super::time::Time;
use crate::error::ParamError;
use crate::json::Members;
use crate::kind::{Kind, Shown};
use crate::put::put_blob;

const SECONDS_PER_DAY: i128 = 86_400;

/// A moment, the offset from UTC at which it is meant, and the zone where one is known.
///
/// ```
/// use persistable_key::Zoned;
///
/// let moment = Zoned::new(0, 0, 3600, "Europe/Paris")?;
/// assert_eq!(moment.to_string(), "1970-01-01T01:00:00+01:00[Europe/Paris]");
/// # Ok::<(), persistable_key::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zoned {
    seconds: i64,
    nanoseconds: u32,
    offset_seconds: i32,
    zone: String,
}

impl Zoned {
    /// Makes the moment `seconds` (rounded down) and `nanoseconds` after 1970-01-01T00:00:00Z, meant at an offset of
    /// `offset_seconds` (east is positive) in `zone` (an IANA name; empty where only the offset is known). The zone
    /// `UTC` is an offset of zero and nothing more, so its name is dropped.
    ///
    /// # Errors
    ///
    /// Refuses a full second of `nanoseconds` and more.
    pub fn new(seconds: i64, nanoseconds: u32, offset_seconds: i32, zone: &str) -> Result<Self, ParamError> {
        if nanoseconds >= 1_000_000_000 {
            return Err(ParamError::new(
                "zoned",
                "has more nanoseconds than a second",
                "give fewer than 1 000 000 000 nanoseconds",
            ));
        }
        let zone = String::from(if zone == "UTC" { "" } else { zone });
        Ok(Self { seconds, nanoseconds, offset_seconds, zone })
    }

    /// Returns the whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Returns the nanoseconds above the whole seconds.
    pub fn nanoseconds(&self) -> u32 {
        self.nanoseconds
    }

    /// Returns the offset from UTC in seconds, positive to the east.
    pub fn offset_seconds(&self) -> i32 {
        self.offset_seconds
    }

    /// Returns the IANA name of the zone; empty where only the offset is known, and for UTC.
    pub fn zone(&self) -> &str {
        &self.zone
    }
}

impl Kind for Zoned {
    type Body = Self;

    const NAME: &'static str = "zoned";
    const TAG: u8 = 0x0d;

    fn put(zoned: &Self, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        out.extend(zoned.seconds.to_be_bytes());
        out.extend(zoned.nanoseconds.to_be_bytes());
        out.extend(zoned.offset_seconds.to_be_bytes());
        put_blob(out, zoned.zone.as_bytes());
        Ok(())
    }

    fn write<S: Serializer>(zoned: &Self, _: usize, to: S) -> Result<S::Ok, S::Error> {
        let mut members = to.serialize_map(Some(4))?;
        members.serialize_entry("seconds", &zoned.seconds)?;
        members.serialize_entry("nanoseconds", &zoned.nanoseconds)?;
        members.serialize_entry("offset_seconds", &zoned.offset_seconds)?;
        members.serialize_entry("zone", &zoned.zone)?;
        members.end()
    }

    fn read(json: &Json, _: usize) -> Result<Self, ParamError> {
        let members = Members::of(Self::NAME, json)?.exactly(4)?;
        let integer = |member| members.get(member)?.as_i64().ok_or_else(Self::malformed);
        Self::new(
            integer("seconds")?,
            u32::try_from(integer("nanoseconds")?).map_err(|_| Self::malformed())?,
            i32::try_from(integer("offset_seconds")?).map_err(|_| Self::malformed())?,
            members.text("zone")?,
        )
    }

    fn show<S: Serializer>(zoned: &Self, _: Shown, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(zoned)
    }
}

/// Writes local time, offset and zone as RFC 9557 does.
impl fmt::Display for Zoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = i128::from(self.seconds) + i128::from(self.offset_seconds);
        let (year, month, day) = civil_from_days(local.div_euclid(SECONDS_PER_DAY) as i64);
        write_day(f, year, month, day)?;
        let second = local.rem_euclid(SECONDS_PER_DAY) as u64;
        match Time::from_nanoseconds(second * 1_000_000_000 + u64::from(self.nanoseconds)) {
            Ok(time) => write!(f, "T{time}")?,
            Err(_) => return Err(fmt::Error),
        }
        let sign = if self.offset_seconds < 0 { '-' } else { '+' };
        let offset = self.offset_seconds.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", offset / 3600, offset / 60 % 60)?;
        if !offset.is_multiple_of(60) {
            write!(f, ":{:02}", offset % 60)?;
        }
        if self.zone.is_empty() { Ok(()) } else { write!(f, "[{}]", self.zone) }
    }
}

/// Counts 400-year eras from the first of March of year 0, so that the leap day is the last of its year.
fn civil_from_days(days_since_1970: i64) -> (i64, u8, u8) {
    let days = days_since_1970 + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month as u8, day as u8)
}
