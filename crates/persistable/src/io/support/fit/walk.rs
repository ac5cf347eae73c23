//! The serializer that writes nothing and looks at everything.

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

use super::limits::{Limits, Unfit};

impl Limits {
    /// Refuses a value that would not be read back as it is.
    pub(in crate::io) fn check<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Unfit> {
        value.serialize(Walk::new(self)).map(|_| ())
    }
}

/// What would be seen of a value in the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Nothing,
    Something,
}

/// Looks at one value.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    limits: &'a Limits,
    depth: usize,
}

type Outcome = Result<Seen, Unfit>;

impl<'a> Walk<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self { limits, depth: 0 }
    }

    fn float(self, is_finite: bool, shown: impl FnOnce() -> String) -> Outcome {
        if is_finite || self.limits.non_finite_floats {
            return Ok(Seen::Something);
        }
        Err(Unfit::new(format!("it is {}, which the format can't express; MessagePack can", shown())))
    }

    fn text(self, is_empty: bool) -> Outcome {
        Ok(if is_empty && !self.limits.empty_text { Seen::Nothing } else { Seen::Something })
    }

    /// Begins to look at what is in a list, map or record.
    fn inside(self, is_record: bool) -> Result<Inside<'a>, Unfit> {
        if self.limits.row && self.depth > 0 {
            return Err(Unfit::new("a cell holds one plain value, and this one has parts"));
        }
        if self.limits.row && !is_record {
            return Err(Unfit::new("a row is a struct, whose field names are the columns"));
        }
        Ok(Inside { walk: self.deeper()?, index: 0 })
    }

    fn deeper(self) -> Result<Self, Unfit> {
        if self.depth >= self.limits.depth {
            return Err(Unfit::new(format!("it is nested in more than {} others", self.limits.depth)));
        }
        Ok(Self { limits: self.limits, depth: self.depth + 1 })
    }

    fn variant(self) -> Result<Self, Unfit> {
        if self.limits.row {
            return Err(Unfit::new("an enum's member with data is more than a row or a cell can hold"));
        }
        self.deeper()
    }

    /// A row that is no record.
    fn cell(self) -> Outcome {
        if self.limits.row && self.depth == 0 {
            return Err(Unfit::new("a row is a struct, whose field names are the columns"));
        }
        Ok(Seen::Something)
    }
}

macro_rules! plain {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, _: $type) -> Outcome { self.cell() })*
    };
}

impl<'a> Serializer for Walk<'a> {
    type Ok = Seen;
    type Error = Unfit;
    type SerializeSeq = Inside<'a>;
    type SerializeTuple = Inside<'a>;
    type SerializeTupleStruct = Inside<'a>;
    type SerializeTupleVariant = Inside<'a>;
    type SerializeMap = Inside<'a>;
    type SerializeStruct = Inside<'a>;
    type SerializeStructVariant = Inside<'a>;

    plain!(
        serialize_bool: bool, serialize_char: char,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    );

    fn serialize_f32(self, value: f32) -> Outcome {
        self.cell()?;
        self.float(value.is_finite(), || value.to_string())
    }

    fn serialize_f64(self, value: f64) -> Outcome {
        self.cell()?;
        self.float(value.is_finite(), || value.to_string())
    }

    fn serialize_str(self, value: &str) -> Outcome {
        self.cell()?;
        self.text(value.is_empty())
    }

    fn serialize_bytes(self, value: &[u8]) -> Outcome {
        self.cell()?;
        self.text(value.is_empty())
    }

    fn serialize_none(self) -> Outcome {
        self.cell()?;
        Ok(Seen::Nothing)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Outcome {
        match value.serialize(self)? {
            Seen::Something => Ok(Seen::Something),
            Seen::Nothing => Err(Unfit::new("it is Some of an empty value, which the format can't tell from None")),
        }
    }

    fn serialize_unit(self) -> Outcome {
        self.cell()?;
        Ok(Seen::Nothing)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Outcome {
        self.cell()?;
        Ok(if self.limits.unit_structs { Seen::Something } else { Seen::Nothing })
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Outcome {
        self.cell()
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Outcome {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Outcome {
        value.serialize(self.variant()?).map_err(|error| error.below(|| format!(".{variant}")))?;
        Ok(Seen::Something)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Inside<'a>, Unfit> {
        self.inside(false)
    }

    fn serialize_tuple(self, _: usize) -> Result<Inside<'a>, Unfit> {
        self.inside(false)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Inside<'a>, Unfit> {
        self.inside(false)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Inside<'a>, Unfit> {
        self.variant()?.inside(false)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Inside<'a>, Unfit> {
        self.inside(false)
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Inside<'a>, Unfit> {
        if self.limits.row && len == 0 {
            return Err(Unfit::new("a struct without fields has no columns"));
        }
        self.inside(true)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Inside<'a>, Unfit> {
        self.variant()?.inside(true)
    }

    fn is_human_readable(&self) -> bool {
        self.limits.human_readable
    }
}

/// Looks at the parts of a value, one after the other.
pub(super) struct Inside<'a> {
    walk: Walk<'a>,
    index: usize,
}

impl Inside<'_> {
    fn field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
        value.serialize(self.walk).map_err(|error| error.below(|| format!(".{name}")))?;
        Ok(())
    }

    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(self.walk).map_err(|error| error.below(|| format!("[{}]", self.index)))?;
        self.index += 1;
        Ok(())
    }
}

macro_rules! elements {
    ($($kind:ident::$method:ident),*) => {
        $(impl $kind for Inside<'_> {
            type Ok = Seen;
            type Error = Unfit;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unfit> {
                self.element(value)
            }

            fn end(self) -> Outcome {
                Ok(Seen::Something)
            }
        })*
    };
}

elements!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($kind:ident),*) => {
        $(impl $kind for Inside<'_> {
            type Ok = Seen;
            type Error = Unfit;

            fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
                self.field(name, value)
            }

            fn end(self) -> Outcome {
                Ok(Seen::Something)
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Inside<'_> {
    type Ok = Seen;
    type Error = Unfit;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Unfit> {
        key.serialize(self.walk).map_err(|error| error.below(|| format!("[key {}]", self.index)))?;
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unfit> {
        self.element(value)
    }

    fn serialize_entry<K: ?Sized + Serialize, V: ?Sized + Serialize>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), Unfit> {
        self.serialize_key(key)?;
        let index = self.index;
        self.index += 1;
        let shown = || serde_json::to_string(key).unwrap_or_else(|_| format!("value {index}"));
        value.serialize(self.walk).map_err(|error| error.below(|| format!("[{}]", shown())))?;
        Ok(())
    }

    fn end(self) -> Outcome {
        Ok(Seen::Something)
    }
}
