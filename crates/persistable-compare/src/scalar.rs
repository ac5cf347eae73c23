//! Values of params and facts, one by one.

use std::fmt;

use persistable_key::Value;
use serde::{Serialize, Serializer};

use crate::digits::compare_digits;

/// What kind of value it is, where that is not told by the JSON that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[doc(hidden)]
#[allow(missing_docs, reason = "only the index of the catalogue needs it")]
pub enum Kind {
    Int = 1,
    Text = 3,
    Path = 4,
    Duration = 5,
    Moment = 6,
    Decimal = 7,
    Composite = 8,
    Other = 9,
}

impl Kind {
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Int,
            3 => Self::Text,
            4 => Self::Path,
            5 => Self::Duration,
            6 => Self::Moment,
            7 => Self::Decimal,
            8 => Self::Composite,
            9 => Self::Other,
            _ => return None,
        })
    }
}

/// The value of a param, or a fact that a manifest tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// There is no such param.
    Missing,
    /// The absence of a value.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Anything else, as people read it.
    Other(Other),
}

/// A value that is not a number or a truth value.
#[derive(Clone, Debug)]
pub struct Other {
    #[doc(hidden)]
    pub kind: Kind,
    /// What it counts as in comparisons with numbers.
    #[doc(hidden)]
    pub number: Option<f64>,
    #[doc(hidden)]
    pub text: String,
    /// What tells it from all other values.
    #[doc(hidden)]
    pub digest: [u8; 16],
}

impl PartialEq for Other {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Other {
    /// Returns the value as people read it: a text without quotes, anything else as JSON.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Longer ones are cut for people. They are still told apart.
const MOST_TEXT_BYTES: usize = 4096;

impl Scalar {
    /// Makes a text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::other(Kind::Text, None, text.to_owned(), format!("text:{text}").as_bytes())
    }

    #[doc(hidden)]
    #[must_use]
    pub fn other(kind: Kind, number: Option<f64>, mut text: String, identity: &[u8]) -> Self {
        if text.len() > MOST_TEXT_BYTES {
            let end = (0..=MOST_TEXT_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
            text.truncate(end);
            text.push('…');
        }
        let hash = blake3::hash(identity);
        let mut digest = [0; 16];
        digest.copy_from_slice(hash.as_bytes().first_chunk::<16>().unwrap_or(&[0; 16]));
        Self::Other(Other { kind, number, text, digest })
    }

    /// Makes what people read and query of a value, without looking into its parts.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        let kind = match value {
            Value::Null => return Self::Null,
            Value::Bool(truth) => return Self::Bool(*truth),
            Value::Float(float) => return Self::Float(*float),
            Value::Float32(float) => return Self::Float(f64::from(*float)),
            Value::Int(int) => match int.to_i128().and_then(|int| i64::try_from(int).ok()) {
                Some(int) => return Self::Int(int),
                None => Kind::Int,
            },
            Value::Text(_) => Kind::Text,
            Value::Path(_) => Kind::Path,
            Value::Duration(_) => Kind::Duration,
            Value::Date(_) | Value::Time(_) | Value::DateTime(..) | Value::Zoned(_) => Kind::Moment,
            Value::Decimal(_) => Kind::Decimal,
            Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) | Value::Enum(_) => {
                Kind::Composite
            }
            _ => Kind::Other,
        };
        let identity = value.canonical_bytes().unwrap_or_default();
        let text = shown(value, &identity);
        let number = match value {
            Value::Duration(nanoseconds) => Some(*nanoseconds as f64 / 1e9),
            Value::Int(_) | Value::Decimal(_) => text.parse().ok(),
            _ => None,
        };
        Self::other(kind, number, text, &identity)
    }

    /// Returns the value as a number, if it is one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            Self::Other(other) => other.number,
            Self::Missing | Self::Null | Self::Bool(_) => None,
        }
    }

    /// Makes a number of more digits than a float holds.
    #[doc(hidden)]
    #[must_use]
    pub fn exact(text: &str, nearest: f64) -> Self {
        Self::other(Kind::Decimal, Some(nearest), text.to_owned(), format!("number:{text}").as_bytes())
    }

    /// Compares numbers by their digits, unless one is a float.
    #[doc(hidden)]
    #[must_use]
    pub fn compare_exactly(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let digits = |scalar: &Self| match scalar {
            Self::Int(int) => Some(int.to_string()),
            Self::Other(other) if matches!(other.kind, Kind::Int | Kind::Decimal) => Some(other.text.clone()),
            _ => None,
        };
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            _ => compare_digits(&digits(self)?, &digits(other)?),
        }
    }

    /// Returns the JSON that people read.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Missing | Self::Null => serde_json::Value::Null,
            Self::Bool(truth) => (*truth).into(),
            Self::Int(int) => (*int).into(),
            // What JSON can't write as a number is a text.
            Self::Float(float) if !float.is_finite() => format!("{float}").to_lowercase().into(),
            Self::Float(float) => (*float).into(),
            Self::Other(other) if matches!(other.kind, Kind::Composite | Kind::Other) => {
                serde_json::from_str(&other.text).unwrap_or_else(|_| other.text.clone().into())
            }
            Self::Other(other) => other.text.clone().into(),
        }
    }

    /// Compares by kind, then by value, for sorting.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |scalar: &Self| match scalar {
            Self::Missing => 4,
            Self::Null => 3,
            Self::Bool(_) => 0,
            _ if scalar.as_f64().is_some() => 1,
            _ => 2,
        };
        rank(self).cmp(&rank(other)).then_with(|| match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Other(a), Self::Other(b)) if a.number.is_none() => a.text.cmp(&b.text),
            _ => match (self.as_f64(), other.as_f64()) {
                (Some(a), Some(b)) => self.compare_exactly(other).unwrap_or_else(|| a.total_cmp(&b)),
                _ => std::cmp::Ordering::Equal,
            },
        })
    }
}

/// Deeper values are shown by their digest: what people read of maps in the keys of maps doubles with each level.
const DEEPEST_SHOWN: usize = 10;

fn shown(value: &Value, canonical_bytes: &[u8]) -> String {
    if nests_deeper(value, DEEPEST_SHOWN) {
        let digest = blake3::hash(canonical_bytes).to_hex();
        return format!("nested value {}", digest.get(..12).unwrap_or_default());
    }
    match value.for_people() {
        serde_json::Value::String(text) => text,
        _ => value.natural().eliding().to_string(),
    }
}

/// Whether a value holds values that hold values, and so on, more than so often.
fn nests_deeper(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return true };
    let deeper = |value: &Value| nests_deeper(value, below);
    match value {
        Value::List(values) | Value::Tuple(values) | Value::Set(values) => values.iter().any(deeper),
        Value::Map(entries) => entries.iter().any(|(key, value)| deeper(key) || deeper(value)),
        Value::Record(record) => record.fields().iter().any(|(_, value)| deeper(value)),
        Value::Enum(member) => member.data().is_some_and(deeper),
        Value::Table(columns) => columns.iter().any(|column| deeper(column.values())),
        _ => false,
    }
}

/// Writes it as people read it: a text without quotes, a float with its point.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Null => f.write_str("none"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(int) => write!(f, "{int}"),
            Self::Float(float) => write!(f, "{float:?}"),
            Self::Other(other) => f.write_str(&other.text),
        }
    }
}

/// Writes the JSON that people read.
impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        self.to_json().serialize(to)
    }
}
