//! The table of kinds: which form each variant of [`Value`] has.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::array::Array;
use crate::compound::{Enum, List, Map, Record, Set, Table, Tuple};
use crate::error::ParamError;
use crate::json::{kind_and_body, unknown_kind};
use crate::kind::{Forms, Kind, MAX_DEPTH, Shown, too_deep};
use crate::scalar::{
    Bool, Bytes, Complex, Date, DateTime, Decimal, Duration, Float, Float32, Int, Null, Path, Text, Time, Uuid, Zoned,
};
use crate::value::Value;

/// Of each variant: the kind, the body in it, and how a body that was read becomes one.
macro_rules! kinds {
    ($($variant:pat => $kind:ident, $body:expr $(, $make:expr)?;)*) => {
        /// Which kind a value has. Unlike [`Value`], it is matched exhaustively in other crates: so the compiler names what is to do
        /// there if a kind is added.
        #[doc(hidden)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the variants are those of `Value`")]
        pub enum ValueKind {
            $($kind,)*
        }

        impl Value {
            #[doc(hidden)]
            #[allow(unused_variables, reason = "only the variant counts")]
            pub fn value_kind(&self) -> ValueKind {
                match self {
                    $($variant => ValueKind::$kind,)*
                }
            }
        }

        impl Forms for Value {
            #[allow(unused_variables, reason = "only the variant counts")]
            fn kind_name(&self) -> &'static str {
                match self {
                    $($variant => <$kind>::NAME,)*
                }
            }

            fn put(&self, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
                if depth > MAX_DEPTH {
                    return Err(too_deep(self.kind_name()));
                }
                match self {
                    $($variant => {
                        out.push(<$kind>::TAG);
                        <$kind>::put($body, out, depth)
                    })*
                }
            }

            /// What nests too deep is left out: such JSON is refused where it is read.
            fn write<S: Serializer>(&self, depth: usize, to: S) -> Result<S::Ok, S::Error> {
                if depth > MAX_DEPTH {
                    return to.serialize_unit();
                }
                let mut members = to.serialize_map(Some(1))?;
                match self {
                    $($variant => members.serialize_entry(<$kind>::NAME, &TypedBody::<$kind>($body, depth))?,)*
                }
                members.end()
            }

            fn read(json: &Json, depth: usize) -> Result<Self, ParamError> {
                let (kind, body) = kind_and_body(json, depth)?;
                $($(if kind == <$kind>::NAME {
                    return <$kind>::read(body, depth).map($make);
                })?)*
                Err(unknown_kind(kind))
            }

            fn show<S: Serializer>(&self, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
                if shown.depth > MAX_DEPTH {
                    return to.serialize_str("…");
                }
                match self {
                    $($variant => match shown.elides.then(|| <$kind>::large($body)).flatten() {
                        Some(large) => large.serialize(to),
                        None => <$kind>::show($body, shown, to),
                    },)*
                }
            }

            fn shows_parts(&self) -> bool {
                match self {
                    $($variant => <$kind>::shows_parts($body),)*
                }
            }

            fn weight_bytes(&self) -> usize {
                match self {
                    $($variant => <$kind>::weight_bytes($body),)*
                }
            }

            fn brief(&self) -> String {
                match self {
                    $($variant => <$kind>::brief($body),)*
                }
            }

            fn nests_beyond(&self, levels: usize) -> bool {
                let Some(levels) = levels.checked_sub(1) else { return true };
                match self {
                    $($variant => <$kind>::has_parts_beyond($body, levels),)*
                }
            }
        }
    };
}

kinds! {
    Self::Null => Null, &(), |()| Self::Null;
    Self::Bool(truth) => Bool, truth, Self::Bool;
    Self::Int(int) => Int, int, Self::Int;
    Self::Float(float) => Float, float, Self::Float;
    Self::Float32(float) => Float32, float;
    Self::Text(text) => Text, text, Self::Text;
    Self::Bytes(bytes) => Bytes, bytes, Self::Bytes;
    Self::List(elements) => List, elements, Self::List;
    Self::Tuple(elements) => Tuple, elements, Self::Tuple;
    Self::Set(members) => Set, members, Self::Set;
    Self::Map(entries) => Map, entries, Self::Map;
    Self::Date(date) => Date, date, Self::Date;
    Self::Time(time) => Time, time, Self::Time;
    Self::DateTime(date, time) => DateTime, &(*date, *time), |(date, time)| Self::DateTime(date, time);
    Self::Zoned(zoned) => Zoned, zoned, Self::Zoned;
    Self::Duration(nanoseconds) => Duration, nanoseconds, Self::Duration;
    Self::Decimal(decimal) => Decimal, decimal, Self::Decimal;
    Self::Uuid(bytes) => Uuid, bytes, Self::Uuid;
    Self::Path(path) => Path, path, Self::Path;
    Self::Complex(real, imaginary) => Complex, &(*real, *imaginary), |(real, imaginary)| Self::Complex(real, imaginary);
    Self::Enum(member) => Enum, member, Self::Enum;
    Self::Record(record) => Record, record, Self::Record;
    Self::Array(array) => Array, array, Self::Array;
    Self::Table(columns) => Table, columns, Self::Table;
}

/// The body of typed JSON, at a depth.
struct TypedBody<'a, K: Kind>(&'a K::Body, usize);

impl<K: Kind> Serialize for TypedBody<'_, K> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        K::write(self.0, self.1, to)
    }
}
