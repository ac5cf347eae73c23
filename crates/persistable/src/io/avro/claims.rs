//! Whether an Avro file has room for what it claims.
//!
//! The crate `apache-avro` believes counts and lengths of up to half a billion, and reserves memory by them before it reads
//! on: gigabytes for a few bytes.

use std::collections::HashMap;
use std::str::{FromStr, from_utf8};

use apache_avro::schema::{Name, Namespace, ResolvedSchema};
use apache_avro::{Codec, Schema};

/// So many records, or items of arrays, may take no bytes at all.
const MOST_EMPTY_ITEMS: usize = 4096;
/// How every file begins.
pub(super) const MAGIC: &[u8] = b"Obj\x01";
const SYNC_BYTES: usize = 16;

/// A file whose header and blocks are what they claim.
pub(super) struct Blocks<'a> {
    codec: Option<&'a [u8]>,
    /// How many records each has, and its bytes.
    blocks: Vec<(usize, &'a [u8])>,
}

impl<'a> Blocks<'a> {
    /// Finds the blocks of a file; `None` where it has no room for them.
    pub(super) fn of_file(file: &'a [u8]) -> Option<Self> {
        let mut rest = Rest { bytes: file.strip_prefix(MAGIC)?, items: file.len() };
        let mut codec = None;
        while let count @ 1.. = rest.count()? {
            for _ in 0..count {
                let (key, value) = (rest.sized()?, rest.sized()?);
                codec = if key == b"avro.codec" { Some(value) } else { codec };
            }
        }
        rest.take(SYNC_BYTES)?;
        let mut blocks = Vec::new();
        while !rest.bytes.is_empty() {
            let count = usize::try_from(rest.long()?).ok()?;
            blocks.push((count, rest.sized()?));
            rest.take(SYNC_BYTES)?;
        }
        Some(Self { codec, blocks })
    }

    /// Says what is wrong with the records, which are of this schema, where they have no room for what they claim.
    pub(super) fn check(&self, schema: &Schema) -> Result<(), String> {
        let codec = self.known_codec().ok_or("its codec is not known here")?;
        let names = ResolvedSchema::try_from(schema).map_err(|error| error.to_string())?;
        let mut items = MOST_EMPTY_ITEMS;
        for (count, packed) in &self.blocks {
            let mut unpacked = Vec::new();
            let bytes = if codec == Codec::Null {
                *packed
            } else {
                if matches!(self.codec, Some(b"snappy")) && !has_room_for_snappy(packed) {
                    return Err(NO_ROOM.to_owned());
                }
                unpacked.extend_from_slice(packed);
                codec.decompress(&mut unpacked).map_err(|error| error.to_string())?;
                &unpacked
            };
            items = items.saturating_add(bytes.len()).checked_sub(*count).ok_or(NO_ROOM)?;
            let mut rest = Rest { bytes, items };
            (0..*count).try_for_each(|_| rest.skip(schema, &None, names.get_names())).ok_or(NO_ROOM)?;
            items = rest.items;
        }
        Ok(())
    }

    /// Returns the codec where the crate has it: other crates of a program may switch on more than this one does. A file of
    /// any other can't be read at all, and the crate says so.
    fn known_codec(&self) -> Option<Codec> {
        match self.codec {
            Some(name) => Codec::from_str(from_utf8(name).ok()?).ok(),
            None => Some(Codec::Null),
        }
    }
}

/// So many bytes at most come of one byte that Snappy packed: a copy of 64 takes two or three.
const MOST_OF_SNAPPY: usize = 64;

/// Returns whether a block that Snappy packed has room for the length that it begins with, which its reader reserves. See
/// <https://github.com/google/snappy/blob/main/format_description.txt>.
fn has_room_for_snappy(packed: &[u8]) -> bool {
    let mut length = 0_u64;
    for (byte, shift) in packed.iter().zip((0..=28).step_by(7)) {
        length |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return length <= (packed.len() * MOST_OF_SNAPPY) as u64;
        }
    }
    false
}

pub(super) const NO_ROOM: &str = "it claims more than it has bytes";

/// What has not been looked at yet.
struct Rest<'a> {
    bytes: &'a [u8],
    /// How many items of arrays and maps there may still be, at whatever depth.
    items: usize,
}

impl<'a> Rest<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(taken)
    }

    fn long(&mut self) -> Option<i64> {
        let mut zigzag = 0_u64;
        for shift in (0..64).step_by(7) {
            let &[byte] = self.take(1)? else { return None };
            zigzag |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
            }
        }
        None
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.long()?).ok()?;
        self.take(len)
    }

    /// How many items come now; none at the end of an array or a map.
    fn count(&mut self) -> Option<usize> {
        let count = self.long()?;
        if count < 0 {
            self.long()?; // Their size in bytes.
        }
        let count = usize::try_from(count.unsigned_abs()).ok()?;
        self.items = self.items.checked_sub(count)?;
        Some(count)
    }

    fn skip(&mut self, schema: &Schema, namespace: &Namespace, names: &HashMap<Name, &Schema>) -> Option<()> {
        match schema {
            Schema::Null => {}
            Schema::Boolean => drop(self.take(1)?),
            Schema::Int
            | Schema::Long
            | Schema::Enum(_)
            | Schema::Date
            | Schema::TimeMillis
            | Schema::TimeMicros
            | Schema::TimestampMillis
            | Schema::TimestampMicros
            | Schema::TimestampNanos
            | Schema::LocalTimestampMillis
            | Schema::LocalTimestampMicros
            | Schema::LocalTimestampNanos => drop(self.long()?),
            Schema::Float => drop(self.take(4)?),
            Schema::Double => drop(self.take(8)?),
            Schema::Duration => drop(self.take(12)?),
            Schema::Bytes | Schema::String | Schema::Uuid | Schema::BigDecimal => drop(self.sized()?),
            Schema::Fixed(fixed) => drop(self.take(fixed.size)?),
            Schema::Decimal(decimal) => self.skip(&decimal.inner, namespace, names)?,
            Schema::Array(array) => {
                while let count @ 1.. = self.count()? {
                    (0..count).try_for_each(|_| self.skip(&array.items, namespace, names))?;
                }
            }
            Schema::Map(map) => {
                while let count @ 1.. = self.count()? {
                    (0..count).try_for_each(|_| {
                        self.sized()?;
                        self.skip(&map.types, namespace, names)
                    })?;
                }
            }
            Schema::Union(union) => {
                let index = usize::try_from(self.long()?).ok()?;
                self.skip(union.variants().get(index)?, namespace, names)?;
            }
            Schema::Record(record) => {
                let within = record.name.fully_qualified_name(namespace).namespace;
                record.fields.iter().try_for_each(|field| self.skip(&field.schema, &within, names))?;
            }
            Schema::Ref { name } => {
                let name = name.fully_qualified_name(namespace);
                self.skip(names.get(&name)?, &name.namespace, names)?;
            }
        }
        Some(())
    }
}
