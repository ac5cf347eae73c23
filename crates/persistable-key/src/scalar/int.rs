//! Integers of any size.

use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::kind::{Kind, Shown};
use crate::put::put_blob;

/// An integer of any size.
///
/// ```
/// use persistable_key::Int;
///
/// let googol: Int = format!("1{}", "0".repeat(100)).parse()?;
/// assert_eq!(googol.to_string().len(), 101);
/// assert_eq!(Int::from(5_u8), Int::from(5_i64));
/// # Ok::<(), persistable_key::ParamError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Int(Repr);

/// Integers up to this, of either sign, are exact in every JSON reader.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// `Big` only holds what `Small` cannot, so that equality of the representations is equality of the numbers.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small(i128),
    Big(BigInt),
}

impl Int {
    /// Makes the integer of this sign and big-endian magnitude; leading zero bytes do not matter, and zero has no sign.
    pub fn from_sign_magnitude(negative: bool, magnitude: &[u8]) -> Self {
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        Self::from_big(BigInt::from_bytes_be(sign, magnitude))
    }

    /// Returns whether the integer is negative, and its big-endian magnitude without leading zero bytes.
    pub fn to_sign_magnitude(&self) -> (bool, Vec<u8>) {
        let mut magnitude = Vec::new();
        let negative = self.with_magnitude(|negative, bytes| {
            magnitude.extend_from_slice(bytes);
            negative
        });
        (negative, magnitude)
    }

    /// Returns the integer where 128 bits hold it.
    pub fn to_i128(&self) -> Option<i128> {
        match &self.0 {
            Repr::Small(small) => Some(*small),
            Repr::Big(_) => None,
        }
    }

    /// Hands sign and magnitude to `consume`, without an allocation for all but the big ones.
    fn with_magnitude<T>(&self, consume: impl FnOnce(bool, &[u8]) -> T) -> T {
        match &self.0 {
            Repr::Small(small) => {
                let bytes = small.unsigned_abs().to_be_bytes();
                let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                consume(*small < 0, bytes.get(zeros..).unwrap_or_default())
            }
            Repr::Big(big) => {
                let (sign, bytes) = big.to_bytes_be();
                consume(sign == Sign::Minus, &bytes)
            }
        }
    }

    /// Returns the integer where every reader of JSON, which may know nothing but binary64, has it exact.
    fn to_safe(&self) -> Option<i64> {
        let small = i64::try_from(self.to_i128()?).ok()?;
        (-MAX_SAFE..=MAX_SAFE).contains(&small).then_some(small)
    }

    pub(crate) fn from_big(big: BigInt) -> Self {
        Self(i128::try_from(&big).map_or(Repr::Big(big), Repr::Small))
    }
}

impl Kind for Int {
    type Body = Self;

    const NAME: &'static str = "int";
    const TAG: u8 = 0x02;

    fn put(int: &Self, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        int.with_magnitude(|negative, magnitude| {
            out.push(u8::from(negative));
            put_blob(out, magnitude);
        });
        Ok(())
    }

    fn write<S: Serializer>(int: &Self, _: usize, to: S) -> Result<S::Ok, S::Error> {
        match int.to_safe() {
            Some(safe) => to.serialize_i64(safe),
            None => to.collect_str(int),
        }
    }

    fn read(json: &Json, _: usize) -> Result<Self, ParamError> {
        let int = match json {
            Json::Number(number) => number.as_i64().map(Self::from),
            Json::String(text) => text.parse().ok(),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        };
        // One integer has one form.
        int.filter(|int| int.to_safe().is_some() == json.is_number()).ok_or_else(Self::malformed)
    }

    fn show<S: Serializer>(int: &Self, _: Shown, to: S) -> Result<S::Ok, S::Error> {
        let small = int.to_i128();
        match (small.and_then(|int| i64::try_from(int).ok()), small.and_then(|int| u64::try_from(int).ok())) {
            (Some(signed), _) => to.serialize_i64(signed),
            (None, Some(unsigned)) => to.serialize_u64(unsigned),
            (None, None) => to.collect_str(int),
        }
    }

    fn brief(int: &Self) -> String {
        int.to_string()
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Int {
            fn from(number: $integer) -> Self {
                Self(Repr::Small(i128::from(number)))
            }
        }
    )*};
}

from_integers!(i8, i16, i32, i64, i128, u8, u16, u32, u64);

impl From<u128> for Int {
    fn from(number: u128) -> Self {
        Self(i128::try_from(number).map_or_else(|_| Repr::Big(number.into()), Repr::Small))
    }
}

impl From<usize> for Int {
    fn from(number: usize) -> Self {
        Self(Repr::Small(number as i128))
    }
}

impl From<isize> for Int {
    fn from(number: isize) -> Self {
        Self(Repr::Small(number as i128))
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(small) => small.fmt(f),
            Repr::Big(big) => big.fmt(f),
        }
    }
}

impl fmt::Debug for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads what `Display` writes, and nothing else: no `+`, no leading zeros, no `-0`.
impl FromStr for Int {
    type Err = ParamError;

    fn from_str(text: &str) -> Result<Self, ParamError> {
        let refused =
            || ParamError::new("int", "is not an integer", "write its decimal digits, without `+` or leading zeros");
        if !is_decimal_integer(text) {
            return Err(refused());
        }
        match text.parse::<i128>() {
            Ok(small) => Ok(Self(Repr::Small(small))),
            Err(_) => text.parse::<BigInt>().map(Self::from_big).map_err(|_| refused()),
        }
    }
}

/// Tells whether `text` is the one decimal form of an integer.
pub(super) fn is_decimal_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && match digits.as_bytes() {
            [] => false,
            [b'0'] => digits.len() == text.len(),
            [first, ..] => *first != b'0',
        }
}
