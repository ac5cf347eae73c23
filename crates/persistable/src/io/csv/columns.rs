//! The columns of a struct of which there is no value.

use std::fmt;

use csv::StringRecord;
use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;

use crate::io::shape::example;

/// Returns the header that rows of the type would be written under; `None` where a row is not a struct.
///
/// Only writing a row tells which names it has: those that serde reads include aliases. So a made-up one is written. Where
/// the type refuses all that is made up, the header has the names that can be read.
pub(super) fn header_of<T: Serialize + DeserializeOwned>() -> Option<StringRecord> {
    let readable = readable_names::<T>()?;
    Some(example::<T>(true).and_then(|row| header_above(&row)).unwrap_or_else(|| StringRecord::from(readable.to_vec())))
}

fn header_above<T: Serialize>(row: &T) -> Option<StringRecord> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(row).ok()?;
    let file = writer.into_inner().ok()?;
    let header = csv::Reader::from_reader(&file[..]).headers().ok()?.clone();
    (!header.is_empty()).then_some(header)
}

/// Returns the names that serde reads a struct's fields by, aliases included; `None` for other types.
pub(super) fn readable_names<'de, T: Deserialize<'de>>() -> Option<&'static [&'static str]> {
    match T::deserialize(Ask) {
        Err(Answer(columns)) => columns,
        Ok(_) => None,
    }
}

/// Gives nothing but takes note of what is asked for.
struct Ask;

#[derive(Debug)]
struct Answer(Option<&'static [&'static str]>);

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is nothing to read")
    }
}

impl std::error::Error for Answer {}

impl Error for Answer {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

impl<'de> Deserializer<'de> for Ask {
    type Error = Answer;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Answer> {
        Err(Answer(Some(fields)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Answer> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Answer> {
        Err(Answer(None))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}
