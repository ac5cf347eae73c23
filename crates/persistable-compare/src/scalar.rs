//! Values of params and facts, one by one.

use std::cmp::Ordering;
use std::fmt;

use persistable_key::Value;
use serde::{Serialize, Serializer};

use crate::digits::compare_digits;
use crate::kinds::{Kind, KindFacts};

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
        match value {
            Value::Null => return Self::Null,
            Value::Bool(truth) => return Self::Bool(*truth),
            Value::Float(float) => return Self::Float(*float),
            Value::Float32(float) => return Self::Float(f64::from(*float)),
            Value::Int(int) => {
                if let Some(int) = int.to_i128().and_then(|int| i64::try_from(int).ok()) {
                    return Self::Int(int);
                }
            }
            _ => {}
        }
        let kind = KindFacts::of(value).kind;
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

    /// Compares numbers: ints and decimals by all their digits, also an int with a float. A decimal with a fraction equals the float
    /// that is nearest to it. `None` if one of them is not a number.
    #[doc(hidden)]
    #[must_use]
    pub fn compare_exactly(&self, other: &Self) -> Option<Ordering> {
        self.compare(other, |a, b| !(a.is_float() || b.is_float()) || a.as_f64().is_some_and(|a| a.abs() >= FIRST_INT))
    }

    /// Compares numbers. Whether two that are nearest to one float are compared by their digits, too, the function tells.
    fn compare(&self, other: &Self, by_digits: impl FnOnce(&Self, &Self) -> bool) -> Option<Ordering> {
        if let (Self::Int(a), Self::Int(b)) = (self, other) {
            return Some(a.cmp(b));
        }
        let (a, b) = (self.as_f64()?, other.as_f64()?);
        match a.partial_cmp(&b) {
            // Rounding to a float keeps the order, but makes neighbours equal.
            Some(Ordering::Equal) if by_digits(self, other) => {
                let digits = self.digits().zip(other.digits());
                Some(digits.and_then(|(a, b)| compare_digits(&a, &b)).unwrap_or(Ordering::Equal))
            }
            Some(ordering) => Some(ordering),
            None => Some(a.is_nan().cmp(&b.is_nan())),
        }
    }

    fn is_float(&self) -> bool {
        match self {
            Self::Other(other) => other.number.is_some() && !matches!(other.kind, Kind::Int | Kind::Decimal),
            _ => matches!(self, Self::Float(_)),
        }
    }

    /// Returns all digits of a number.
    fn digits(&self) -> Option<String> {
        match self {
            Self::Int(int) => Some(int.to_string()),
            Self::Other(other) if matches!(other.kind, Kind::Int | Kind::Decimal) => Some(other.text.clone()),
            _ => self.as_f64().and_then(digits_of_float),
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
    pub fn order(&self, other: &Self) -> Ordering {
        let rank = |scalar: &Self| match scalar {
            Self::Missing => 4,
            Self::Null => 3,
            Self::Bool(_) => 0,
            _ if scalar.as_f64().is_some() => 1,
            _ => 2,
        };
        rank(self).cmp(&rank(other)).then_with(|| match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Other(a), Self::Other(b)) if a.number.is_none() => a.text.cmp(&b.text),
            // All by digits: else two decimals could equal one float, and not each other.
            _ => self.compare(other, |_, _| true).unwrap_or(Ordering::Equal),
        })
    }
}

/// From here on, each float is an int, and some ints are no floats.
const FIRST_INT: f64 = (1_u64 << 53) as f64;

/// Returns all digits of a float; `None` for infinity and what is not a number.
#[doc(hidden)]
#[must_use]
pub fn digits_of_float(float: f64) -> Option<String> {
    /// No float has more digits behind the point.
    const MOST_DIGITS: usize = 1074;
    let digits = if float.abs() < FIRST_INT { MOST_DIGITS } else { 0 };
    float.is_finite().then(|| format!("{float:.digits$}"))
}

/// Deeper values are shown by their digest: what people read of maps in the keys of maps doubles with each level.
const DEEPEST_SHOWN: usize = 10;

fn shown(value: &Value, canonical_bytes: &[u8]) -> String {
    if value.nests_deeper_than(DEEPEST_SHOWN) {
        let digest = blake3::hash(canonical_bytes).to_hex();
        return format!("nested value {}", digest.get(..12).unwrap_or_default());
    }
    match value.for_people() {
        serde_json::Value::String(text) => text,
        _ => value.natural().eliding().to_string(),
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

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::Scalar;
    use crate::kinds::Kind;

    fn number(kind: Kind, text: &str) -> Scalar {
        Scalar::other(kind, text.parse().ok(), text.to_owned(), text.as_bytes())
    }

    #[test]
    fn the_order_of_numbers_of_all_kinds_is_total() {
        const LARGE: i64 = 1 << 53;
        let numbers = [
            Scalar::Int(LARGE),
            Scalar::Int(LARGE + 1),
            Scalar::Float(LARGE as f64),
            Scalar::Int(0),
            Scalar::Float(0.0),
            Scalar::Float(-0.0),
            Scalar::Float(0.1),
            number(Kind::Decimal, "0.1"),
            number(Kind::Decimal, "0.10000000000000000001"),
            number(Kind::Int, "36893488147419103232"),
            number(Kind::Int, "36893488147419103233"),
            Scalar::Float(36_893_488_147_419_103_232.0),
            number(Kind::Duration, "9007199254740992"),
            Scalar::Float(f64::INFINITY),
            Scalar::Float(f64::NAN),
            Scalar::Missing,
        ];
        for a in &numbers {
            for b in &numbers {
                assert_eq!(a.order(b), b.order(a).reverse(), "{a} {b}");
                for c in &numbers {
                    assert!(!(a.order(b).is_le() && b.order(c).is_le()) || a.order(c).is_le(), "{a} {b} {c}");
                }
            }
        }
    }

    #[test]
    fn an_int_is_no_float_beside_it_and_a_decimal_is_the_nearest_float() {
        let first = 1_i64 << 53;
        let float = Scalar::Float(first as f64);
        let expected = [Some(Ordering::Equal), Some(Ordering::Greater)];
        assert_eq!([first, first + 1].map(|int| Scalar::Int(int).compare_exactly(&float)), expected);
        assert_eq!(number(Kind::Decimal, "0.1").compare_exactly(&Scalar::Float(0.1)), Some(Ordering::Equal));
        assert!(Scalar::Missing.compare_exactly(&float).is_none());
    }
}
