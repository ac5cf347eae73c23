//! The deserializer that takes note of what is asked for, and answers with made-up values.

use std::cell::Cell;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Visitor};

use super::access::{Elements, Entries, Fields, Parts, Variants};
use super::ask::{Ask, Refused};
use super::explorer::{Field, Kind, Variant};

/// Longer tuples are arrays, whose parts are all of one type.
const LONGEST_TUPLE: usize = 16;

const TEXTS: &[&str] = &[
    "",
    "2000-01-01",
    "2000-01-01T00:00:00Z",
    "00:00:00",
    "127.0.0.1",
    "00000000-0000-0000-0000-000000000000",
    "1",
    "2000-01-01T00:00:00",
    "::1",
    "a",
];

const BYTES: &[&[u8]] = &[&[], &[0; 4], &[0; 8], &[0; 16], &[0; 32]];

impl Ask<'_> {
    pub(super) fn parts<'de, V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        let explorer = self.explorer;
        if len > LONGEST_TUPLE {
            let element = self.element();
            return visitor.visit_seq(Elements { ask: self, element, rest: len });
        }
        let same = |kind: &Kind| matches!(kind, Kind::Tuple(parts) if parts.len() == len);
        explorer.is_kind(self.node, same, || Kind::Tuple((0..len).map(|_| explorer.add()).collect()));
        match explorer.node(self.node).kind {
            Kind::Tuple(parts) => visitor.visit_seq(Parts { ask: self, parts: parts.into_iter() }),
            _ => Err(Refused),
        }
    }

    pub(super) fn fields<'de, V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let explorer = self.explorer;
        let same = |kind: &Kind| matches!(kind, Kind::Struct(fields) if fields.iter().map(|field| field.name).eq(names.iter().copied()));
        let new = |name: &&'static str| Field { name, node: explorer.add(), refusals: 0 };
        explorer.is_kind(self.node, same, || Kind::Struct(names.iter().map(new).collect()));
        let Kind::Struct(fields) = explorer.node(self.node).kind else { return Err(Refused) };
        let pending = Cell::new(None);
        let answer = visitor.visit_map(Fields::new(self, fields, &pending));
        if let (Err(_), Some(index)) = (&answer, pending.get()) {
            explorer.refused(self.node, index);
        }
        answer
    }
}

macro_rules! plain {
    ($($method:ident, $visit:ident, $name:literal, $values:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            visitor.$visit(self.plain($name, $values, Default::default()))
        })*
    };
}

impl<'de> Deserializer<'de> for Ask<'_> {
    type Error = Refused;

    plain! {
        deserialize_bool, visit_bool, "bool", &[false, true];
        deserialize_i8, visit_i8, "i8", &[1, 0, 2, 10, 100];
        deserialize_i16, visit_i16, "i16", &[1, 0, 2, 10, 100, 2000];
        deserialize_i32, visit_i32, "i32", &[1, 0, 2, 10, 100, 2000];
        deserialize_i64, visit_i64, "i64", &[1, 0, 2, 10, 100, 2000];
        deserialize_i128, visit_i128, "i128", &[1, 0, 2, 10, 100, 2000];
        deserialize_u8, visit_u8, "u8", &[1, 0, 2, 10, 100];
        deserialize_u16, visit_u16, "u16", &[1, 0, 2, 10, 100, 2000];
        deserialize_u32, visit_u32, "u32", &[1, 0, 2, 10, 100, 2000];
        deserialize_u64, visit_u64, "u64", &[1, 0, 2, 10, 100, 2000];
        deserialize_u128, visit_u128, "u128", &[1, 0, 2, 10, 100, 2000];
        deserialize_f32, visit_f32, "f32", &[1.0, 0.0, 0.5];
        deserialize_f64, visit_f64, "f64", &[1.0, 0.0, 0.5];
        deserialize_str, visit_str, "text", TEXTS;
        deserialize_string, visit_str, "text", TEXTS;
        deserialize_bytes, visit_bytes, "bytes", BYTES;
        deserialize_byte_buf, visit_bytes, "bytes", BYTES;
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_char(self.plain("char", &['a', '0'], 'a'))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.plain("unit", &[()], ());
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.explorer.is_kind(self.node, |_| false, || Kind::Any);
        match self.failures() % 7 {
            0 => visitor.visit_unit(),
            1 => visitor.visit_str(""),
            2 => visitor.visit_u64(1),
            3 => visitor.visit_f64(1.0),
            4 => visitor.visit_bool(false),
            5 => visitor.visit_map(MapDeserializer::new(std::iter::empty::<((), ())>())),
            _ => visitor.visit_seq(SeqDeserializer::new(std::iter::empty::<()>())),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_any(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        self.within::<V::Value, _>(|ask| visitor.visit_newtype_struct(ask))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.within::<V::Value, _>(|ask| {
            let explorer = ask.explorer;
            explorer.is_kind(ask.node, |kind| matches!(kind, Kind::Option(_)), || Kind::Option(explorer.add()));
            let Kind::Option(inner) = explorer.node(ask.node).kind else { return Err(Refused) };
            if ask.count(&[inner]) == 0 {
                return visitor.visit_none();
            }
            let before = explorer.news();
            visitor.visit_some(ask.about(inner)).inspect_err(|_| explorer.failed(inner, before))
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.within::<V::Value, _>(|ask| {
            let element = ask.element();
            visitor.visit_seq(Elements { ask, element, rest: ask.count(&[element]) })
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        self.within::<V::Value, _>(|ask| ask.parts(len, visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.within::<V::Value, _>(|ask| ask.parts(len, visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.within::<V::Value, _>(|ask| {
            let explorer = ask.explorer;
            let new = || Kind::Map(explorer.add(), explorer.add());
            explorer.is_kind(ask.node, |kind| matches!(kind, Kind::Map(..)), new);
            let Kind::Map(key, value) = explorer.node(ask.node).kind else { return Err(Refused) };
            visitor.visit_map(Entries { ask, key, value, rest: ask.count(&[key, value]) })
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.within::<V::Value, _>(|ask| ask.fields(fields, visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.within::<V::Value, _>(|ask| {
            let explorer = ask.explorer;
            let same = |kind: &Kind| matches!(kind, Kind::Enum(known) if known.len() == variants.len());
            let new = |name: &&'static str| Variant { name, content: None, done: None, is_settled: false, failures: 0 };
            explorer.is_kind(ask.node, same, || Kind::Enum(variants.iter().map(new).collect()));
            let Kind::Enum(known) = explorer.node(ask.node).kind else { return Err(Refused) };
            let Some((index, variant)) = Variants::pick(&known, ask.is_repeated) else { return Err(Refused) };
            let before = explorer.news();
            let answer = visitor.visit_enum(Variants { ask, index, name: variant.name });
            if !ask.is_repeated {
                let brought_news = explorer.news() != before;
                explorer.change(ask.node, |node| match &mut node.kind {
                    Kind::Enum(variants) => variants
                        .get_mut(index)
                        .is_some_and(|variant| variant.tried(answer.is_ok(), brought_news, before)),
                    _ => false,
                });
            }
            answer
        })
    }

    fn is_human_readable(&self) -> bool {
        self.explorer.is_human_readable
    }
}
