//! One cell of a CSV file, as serde reads a plain value.

use std::fmt;
use std::str::FromStr;

use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, Error, IntoDeserializer, Visitor};

/// A cell, which holds what it is asked for or nothing: it does not say what type it has.
pub(super) struct Cell<'a>(pub &'a [u8]);

/// What is wrong with a cell or a row.
#[derive(Debug)]
pub(super) struct CellError(String);

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CellError {}

impl Error for CellError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl<'a> Cell<'a> {
    fn text(&self) -> Result<&'a str, CellError> {
        std::str::from_utf8(self.0).map_err(CellError::custom)
    }

    fn parse<T: FromStr>(&self, what: &str) -> Result<T, CellError> {
        let text = self.text()?;
        text.parse().map_err(|_| CellError(format!("{text:?} is not {what}")))
    }
}

macro_rules! parse {
    ($($method:ident, $visit:ident, $what:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CellError> {
            visitor.$visit(self.parse($what)?)
        })*
    };
}

macro_rules! refuse {
    ($($method:ident ($($argument:ty),*) $why:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, $(_: $argument,)* _: V) -> Result<V::Value, CellError> {
            Err(CellError($why.into()))
        })*
    };
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = CellError;

    parse! {
        deserialize_bool, visit_bool, "true or false";
        deserialize_i8, visit_i8, "an integer of 8 bits";
        deserialize_i16, visit_i16, "an integer of 16 bits";
        deserialize_i32, visit_i32, "an integer of 32 bits";
        deserialize_i64, visit_i64, "an integer of 64 bits";
        deserialize_i128, visit_i128, "an integer of 128 bits";
        deserialize_u8, visit_u8, "an unsigned integer of 8 bits";
        deserialize_u16, visit_u16, "an unsigned integer of 16 bits";
        deserialize_u32, visit_u32, "an unsigned integer of 32 bits";
        deserialize_u64, visit_u64, "an unsigned integer of 64 bits";
        deserialize_u128, visit_u128, "an unsigned integer of 128 bits";
        deserialize_f32, visit_f32, "a number";
        deserialize_f64, visit_f64, "a number";
        deserialize_char, visit_char, "one character";
    }

    refuse! {
        deserialize_any () "a cell does not say what type it has, which an untagged enum would need";
        deserialize_ignored_any () "the struct has no such field";
        deserialize_seq () "a cell holds one plain value, and no list";
        deserialize_tuple (usize) "a cell holds one plain value, and no tuple";
        deserialize_tuple_struct (&'static str, usize) "a cell holds one plain value, and no struct";
        deserialize_map () "a cell holds one plain value, and no map";
        deserialize_struct (&'static str, &'static [&'static str]) "a cell holds one plain value, and no struct";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CellError> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CellError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CellError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CellError> {
        visitor.visit_bytes(self.0)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CellError> {
        visitor.visit_bytes(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CellError> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CellError> {
        if self.0.is_empty() { visitor.visit_unit() } else { Err(CellError("there should be nothing in it".into())) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, CellError> {
        if self.0 == name.as_bytes() { visitor.visit_unit() } else { Err(CellError(format!("it is not {name:?}"))) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, CellError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CellError> {
        let member: StrDeserializer<'_, CellError> = self.text()?.into_deserializer();
        visitor.visit_enum(member)
    }
}
