//! One row of a CSV file, as serde reads a struct.

use csv::{ByteRecord, StringRecord};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::cell::{Cell, CellError};

/// A row and the names of its columns, of which there are as many.
pub(super) struct RowReader<'a> {
    header: &'a StringRecord,
    record: &'a ByteRecord,
    next: usize,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(header: &'a StringRecord, record: &'a ByteRecord) -> Self {
        Self { header, record, next: 0 }
    }
}

impl<'de> Deserializer<'de> for RowReader<'_> {
    type Error = CellError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CellError> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, CellError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, CellError> {
        Err(CellError::custom("a row is read as a struct without #[serde(flatten)]"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for RowReader<'_> {
    type Error = CellError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, CellError> {
        let Some(name) = self.header.get(self.next) else { return Ok(None) };
        seed.deserialize(StrDeserializer::<CellError>::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, CellError> {
        let name = self.header.get(self.next).unwrap_or_default();
        let cell = Cell(self.record.get(self.next).unwrap_or_default());
        self.next += 1;
        seed.deserialize(cell).map_err(|error| CellError::custom(format!("column `{name}`: {error}")))
    }
}
