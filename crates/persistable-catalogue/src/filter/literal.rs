//! Values as they are written in filters.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use persistable_store::size_of;

use crate::error::{Error, ErrorKind, Result};
use crate::scalar::{Scalar, compare_digits};

/// A value in a filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    /// Also a number with a unit, in bytes or in seconds.
    Float(f64),
    /// A number of more digits than an int or a float holds, and the nearest float.
    Exact(String, f64),
    Text(String),
    /// A day or a moment: its text, and milliseconds since 1970.
    Moment(String, i64),
}

/// Reads a size such as `10GB`, `1.5 GiB` or `1000000`, in bytes.
///
/// # Errors
///
/// [`ErrorKind::Filter`] if it is not a size.
pub fn size_in_bytes(text: &str) -> Result<u64> {
    // Above that, floats are no bytes any more, and nobody has such a disk.
    let bytes = size_of(text).filter(|bytes| *bytes < 1_000_000_000_000_000_000);
    bytes.ok_or_else(|| {
        Error::new(ErrorKind::Filter, format!("{text:?} is not a size")).advise("Write it as 500MB, 10GB or 2.5TiB")
    })
}

/// Reads an age such as `30d`, `12 h` or `1.5y`, in seconds.
///
/// # Errors
///
/// [`ErrorKind::Filter`] if it is not an age.
pub fn age_in_seconds(text: &str) -> Result<f64> {
    let written = text.replace(' ', "");
    let number = Literal::with_unit(&written, |unit| !unit.ends_with('B'));
    // Such as `1h 30m`.
    let seconds = number.or_else(|| humantime::parse_duration(text).ok().map(|duration| duration.as_secs_f64()));
    seconds.filter(|seconds| (0.0..1e12).contains(seconds)).ok_or_else(|| {
        Error::new(ErrorKind::Filter, format!("{text:?} is not an age")).advise("Write it as 90min, 12h, 30d or 1y")
    })
}

/// Units, in bytes or in seconds. What people write for a size counts by 1000, and with an `i` by 1024.
const UNITS: &[(&str, f64)] = &[
    ("B", 1.0),
    ("kB", 1e3),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("PB", 1e15),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("ms", 1e-3),
    ("s", 1.0),
    ("min", 60.0),
    ("m", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
    ("y", 31_557_600.0),
];

impl Literal {
    /// Reads a number with its unit; `None` if it is none.
    pub(crate) fn number(text: &str) -> Option<Self> {
        let text = text.replace('_', "");
        if let Ok(int) = text.parse() {
            return Some(Self::Int(int));
        }
        if text.ends_with(|c: char| c.is_ascii_digit() || c == '.') {
            let float: f64 = text.parse().ok()?;
            // What a float tells in its fewest digits is all that was written, or else more was.
            return Some(match compare_digits(&text, &float.to_string()) {
                Some(Ordering::Less | Ordering::Greater) => Self::Exact(text, float),
                _ => Self::Float(float),
            });
        }
        let number = Self::with_unit(&text, |_| true);
        // People write sizes in many ways: `10gb`, `2T`.
        number.or_else(|| size_of(&text).map(|bytes| bytes as f64)).map(Self::Float)
    }

    /// Reads a number with one of the units, in bytes or in seconds.
    fn with_unit(text: &str, is_meant: impl FnOnce(&str) -> bool) -> Option<f64> {
        let at = text.rfind(|c: char| c.is_ascii_digit() || c == '.')? + 1;
        let (number, unit) = text.split_at_checked(at)?;
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).filter(|(name, _)| is_meant(name))?;
        Some(number.parse::<f64>().ok()? * factor)
    }

    /// Reads a day or a moment, which is in the local time zone if it has none.
    pub(crate) fn moment(text: &str) -> Option<Self> {
        let local = |moment: DateTime| moment.to_zoned(TimeZone::system()).ok().map(|zoned| zoned.timestamp());
        let timestamp = match text.parse::<Timestamp>() {
            Ok(timestamp) => timestamp,
            Err(_) => match text.parse::<Date>() {
                Ok(date) if !text.contains(':') => local(date.to_datetime(jiff::civil::Time::midnight()))?,
                _ => local(text.parse::<DateTime>().ok()?)?,
            },
        };
        Some(Self::Moment(text.to_owned(), timestamp.as_millisecond()))
    }

    /// Returns the value that a param would have.
    pub(crate) fn to_scalar(&self) -> Scalar {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(truth) => Scalar::Bool(*truth),
            Self::Int(int) => Scalar::Int(*int),
            Self::Float(float) => Scalar::Float(*float),
            Self::Exact(text, float) => Scalar::exact(text, *float),
            Self::Text(text) | Self::Moment(text, _) => Scalar::text(text),
        }
    }

    /// Returns the names of all units.
    pub(crate) fn units() -> String {
        UNITS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
    }
}
