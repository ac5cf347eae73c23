//! A time of day.

use std::fmt;
use std::str::FromStr;

use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::json;
use crate::kind::Kind;

const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;
const NANOSECONDS_PER_DAY: u64 = 86_400 * NANOSECONDS_PER_SECOND;

/// A time of day, to the nanosecond.
///
/// ```
/// use persistable_key::Time;
///
/// let time: Time = "12:34:56.000000001".parse()?;
/// assert_eq!(time.nanoseconds(), 45_296_000_000_001);
/// # Ok::<(), persistable_key::ParamError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// Makes the time that is this many nanoseconds after midnight.
    ///
    /// # Errors
    ///
    /// Refuses a full day and more.
    pub fn from_nanoseconds(nanoseconds: u64) -> Result<Self, ParamError> {
        if nanoseconds < NANOSECONDS_PER_DAY {
            Ok(Self(nanoseconds))
        } else {
            Err(ParamError::new("time", "is past the end of the day", "give fewer than 86 400 000 000 000 nanoseconds"))
        }
    }

    /// Returns the nanoseconds since midnight.
    pub fn nanoseconds(self) -> u64 {
        self.0
    }
}

impl Kind for Time {
    type Body = Self;

    const NAME: &'static str = "time";
    const TAG: u8 = 0x0b;

    fn put(time: &Self, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        out.extend(time.0.to_be_bytes());
        Ok(())
    }

    fn write<S: Serializer>(time: &Self, _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(time)
    }

    fn read(json: &Json, _: usize) -> Result<Self, ParamError> {
        json::text(Self::NAME, json)?.parse()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / NANOSECONDS_PER_SECOND;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        write!(f, "{hours:02}:{minutes:02}:{:02}", seconds % 60)?;
        match self.0 % NANOSECONDS_PER_SECOND {
            0 => Ok(()),
            fraction => write!(f, ".{fraction:09}"),
        }
    }
}

/// Reads what `Display` writes, and nothing else.
impl FromStr for Time {
    type Err = ParamError;

    fn from_str(text: &str) -> Result<Self, ParamError> {
        parse(text).filter(|time| time.to_string() == text).ok_or_else(|| {
            ParamError::new("time", "is not a time of day", "write it as in `12:34:56` or `12:34:56.000000001`")
        })
    }
}

fn parse(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let (hours, minutes_seconds) = clock.split_once(':')?;
    let (minutes, seconds) = minutes_seconds.split_once(':')?;
    let mut total: u64 = 0;
    for (text, limit) in [(hours, 24), (minutes, 60), (seconds, 60)] {
        let part: u64 = text.parse().ok().filter(|part| *part < limit)?;
        total = total * 60 + part;
    }
    let fraction: u64 = fraction.parse().ok().filter(|fraction| *fraction < NANOSECONDS_PER_SECOND)?;
    Time::from_nanoseconds(total * NANOSECONDS_PER_SECOND + fraction).ok()
}
