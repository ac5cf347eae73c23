//! Which fields of stored bytes a type does not read.
//!
//! Like the crate `serde_ignored`, but map keys may have any form: that crate refuses to read a map whose keys are
//! tuples, structs, options or floats.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Display, Formatter};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};

/// Reads a `T`, and tells `unread` the path of each value that `T` has no use for.
pub(crate) fn deserialize<'de, D, F, T>(deserializer: D, unread: F) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnMut(String),
    T: Deserialize<'de>,
{
    let observer = Reader { unread: RefCell::new(unread), key: Cell::new(None) };
    T::deserialize(Observed::<_, false> { inner: deserializer, path: &FieldPath::Root, observer: &observer })
}

/// What a reader is told while it reads.
trait Observer {
    fn unread(&self, path: &FieldPath<'_>);

    /// The text of the map key that was just read, if it has one.
    fn key(&self) -> &Cell<Option<String>>;
}

struct Reader<F> {
    unread: RefCell<F>,
    key: Cell<Option<String>>,
}

impl<F: FnMut(String)> Observer for Reader<F> {
    fn unread(&self, path: &FieldPath<'_>) {
        (self.unread.borrow_mut())(path.to_string());
    }

    fn key(&self) -> &Cell<Option<String>> {
        &self.key
    }
}

/// A path among the stored values.
enum FieldPath<'p> {
    Root,
    Index(&'p FieldPath<'p>, usize),
    Key(&'p FieldPath<'p>, &'p str),
}

impl Display for FieldPath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            FieldPath::Root => f.write_str("."),
            FieldPath::Index(FieldPath::Root, index) => write!(f, "{index}"),
            FieldPath::Index(parent, index) => write!(f, "{parent}.{index}"),
            FieldPath::Key(FieldPath::Root, key) => f.write_str(key),
            FieldPath::Key(parent, key) => write!(f, "{parent}.{key}"),
        }
    }
}

/// A deserializer, a visitor or a seed of serde that is watched. If `KEY`, it reads a map key.
struct Observed<'w, X, const KEY: bool> {
    inner: X,
    path: &'w FieldPath<'w>,
    observer: &'w dyn Observer,
}

impl<'w, X, const KEY: bool> Observed<'w, X, KEY> {
    /// Watches `inner` at the same path.
    fn with<Y>(&self, inner: Y) -> Observed<'w, Y, KEY> {
        Observed { inner, path: self.path, observer: self.observer }
    }

    fn note_key(&self, key: &dyn ToString) {
        if KEY {
            self.observer.key().set(Some(key.to_string()));
        }
    }
}

impl<'de, X: DeserializeSeed<'de>, const KEY: bool> DeserializeSeed<'de> for Observed<'_, X, KEY> {
    type Value = X::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<X::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.deserialize(deserializer)
    }
}

macro_rules! forward_deserialize {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, X::Error> {
            let visitor = self.with(visitor);
            self.inner.$method($($argument,)* visitor)
        }
    )*};
}

impl<'de, X: Deserializer<'de>, const KEY: bool> Deserializer<'de> for Observed<'_, X, KEY> {
    type Error = X::Error;

    forward_deserialize! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit() deserialize_seq()
        deserialize_map() deserialize_identifier()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, X::Error> {
        self.observer.unread(self.path);
        self.inner.deserialize_ignored_any(visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! forward_visit {
    ($($method:ident($type:ty))*) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<X::Value, E> {
            self.note_key(&value);
            self.inner.$method(value)
        }
    )*};
}

impl<'de, X: Visitor<'de>, const KEY: bool> Visitor<'de> for Observed<'_, X, KEY> {
    type Value = X::Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    forward_visit! {
        visit_bool(bool) visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128) visit_f32(f32) visit_f64(f64)
        visit_char(char) visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<X::Value, E> {
        self.inner.visit_bytes(value)
    }

    fn visit_borrowed_bytes<E: Error>(self, value: &'de [u8]) -> Result<X::Value, E> {
        self.inner.visit_borrowed_bytes(value)
    }

    fn visit_byte_buf<E: Error>(self, value: Vec<u8>) -> Result<X::Value, E> {
        self.inner.visit_byte_buf(value)
    }

    fn visit_none<E: Error>(self) -> Result<X::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<X::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<X::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.visit_some(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<X::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.visit_newtype_struct(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<X::Value, A::Error> {
        self.inner.visit_seq(Seq { inner, index: 0, path: self.path, observer: self.observer })
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<X::Value, A::Error> {
        self.inner.visit_map(Map { inner, key: None, path: self.path, observer: self.observer })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<X::Value, A::Error> {
        let access = self.with(access);
        self.inner.visit_enum(access)
    }
}

struct Seq<'w, A> {
    inner: A,
    index: usize,
    path: &'w FieldPath<'w>,
    observer: &'w dyn Observer,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Seq<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let path = FieldPath::Index(self.path, self.index);
        self.index += 1;
        self.inner.next_element_seed(Observed::<_, false> { inner: seed, path: &path, observer: self.observer })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

struct Map<'w, A> {
    inner: A,
    key: Option<String>,
    path: &'w FieldPath<'w>,
    observer: &'w dyn Observer,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Map<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.observer.key().set(None);
        let key =
            self.inner.next_key_seed(Observed::<_, true> { inner: seed, path: self.path, observer: self.observer });
        self.key = self.observer.key().take();
        key
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        let key = self.key.take();
        let path = FieldPath::Key(self.path, key.as_deref().unwrap_or("?"));
        self.inner.next_value_seed(Observed::<_, false> { inner: seed, path: &path, observer: self.observer })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, 'w, X: EnumAccess<'de>, const KEY: bool> EnumAccess<'de> for Observed<'w, X, KEY> {
    type Error = X::Error;
    type Variant = Observed<'w, X::Variant, false>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), X::Error> {
        let (path, observer) = (self.path, self.observer);
        let (value, inner) = self.inner.variant_seed(Observed::<_, KEY> { inner: seed, path, observer })?;
        Ok((value, Observed { inner, path, observer }))
    }
}

impl<'de, X: VariantAccess<'de>> VariantAccess<'de> for Observed<'_, X, false> {
    type Error = X::Error;

    fn unit_variant(self) -> Result<(), X::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, X::Error> {
        let seed = self.with(seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, X::Error> {
        let visitor = self.with(visitor);
        self.inner.tuple_variant(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, X::Error> {
        let visitor = self.with(visitor);
        self.inner.struct_variant(fields, visitor)
    }
}
