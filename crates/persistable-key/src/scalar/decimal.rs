//! Decimal numbers, whose trailing zeros count.

use std::fmt;
use std::str::FromStr;

use serde::Serializer;
use serde_json::Value as Json;

use super::int::is_decimal_integer;
use crate::error::ParamError;
use crate::json;
use crate::kind::{Kind, Shown};
use crate::put::put_blob;

/// A decimal number, or an infinity, or not a number, in the one text form that the specification gives it.
///
/// ```
/// use persistable_key::Decimal;
///
/// let price = Decimal::new(false, "150", -2)?;
/// assert_eq!(price.as_str(), "150E-2");
/// assert_eq!(price.to_plain(), "1.50");
/// assert_ne!(price, Decimal::new(false, "15", -1)?);
/// # Ok::<(), persistable_key::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

/// Beyond this many zeros the plain notation is harder to read than the exponent.
const PLAIN_ZEROS: usize = 20;

impl Decimal {
    /// Makes the number `coefficient` × 10^`exponent`, negative where `negative` is set (also a zero can be).
    ///
    /// # Errors
    ///
    /// Refuses a coefficient that is not decimal digits; leading zeros do not matter.
    pub fn new(negative: bool, coefficient: &str, exponent: i64) -> Result<Self, ParamError> {
        let digits = match coefficient.trim_start_matches('0') {
            "" if !coefficient.is_empty() => "0",
            digits => digits,
        };
        let sign = if negative { "-" } else { "" };
        format!("{sign}{digits}E{exponent}").parse()
    }

    /// Makes the infinity of this sign.
    pub fn infinity(negative: bool) -> Self {
        Self(String::from(if negative { "-Infinity" } else { "Infinity" }))
    }

    /// Makes the decimal that is not a number.
    pub fn nan() -> Self {
        Self(String::from("NaN"))
    }

    /// Returns the canonical form, as in `150E-2`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form people read, as in `1.50`; very large and very small numbers keep their exponent.
    pub fn to_plain(&self) -> String {
        self.plain().unwrap_or_else(|| self.0.clone())
    }

    fn plain(&self) -> Option<String> {
        let (coefficient, exponent) = self.0.split_once('E')?;
        let exponent: i64 = exponent.parse().ok()?;
        let (sign, digits) = match coefficient.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", coefficient),
        };
        if exponent == 0 {
            return Some(String::from(coefficient));
        }
        let places = usize::try_from(exponent.unsigned_abs()).ok()?;
        if exponent > 0 || places > digits.len() + PLAIN_ZEROS {
            return None;
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at_checked(padded.len() - places)?;
        Some(format!("{sign}{whole}.{fraction}"))
    }
}

impl Kind for Decimal {
    type Body = Self;

    const NAME: &'static str = "decimal";
    const TAG: u8 = 0x0f;

    fn put(decimal: &Self, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        put_blob(out, decimal.0.as_bytes());
        Ok(())
    }

    fn write<S: Serializer>(decimal: &Self, _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&decimal.0)
    }

    fn read(json: &Json, _: usize) -> Result<Self, ParamError> {
        json::text(Self::NAME, json)?.parse()
    }

    fn show<S: Serializer>(decimal: &Self, _: Shown, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&decimal.to_plain())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the canonical form, and nothing else.
impl FromStr for Decimal {
    type Err = ParamError;

    fn from_str(text: &str) -> Result<Self, ParamError> {
        let finite = text.split_once('E').is_some_and(|(coefficient, exponent)| {
            // A coefficient may be a negative zero, an exponent may not.
            (coefficient == "-0" || is_decimal_integer(coefficient)) && is_decimal_integer(exponent)
        });
        if finite || matches!(text, "Infinity" | "-Infinity" | "NaN") {
            Ok(Self(String::from(text)))
        } else {
            Err(ParamError::new(
                "decimal",
                "is not a decimal in canonical form",
                "write coefficient, `E` and exponent, as in `150E-2`",
            ))
        }
    }
}
