//! The parts of made-up values.

use std::cell::Cell;
use std::vec::IntoIter;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::ask::{Ask, Refused};
use super::explorer::{ATTEMPTS, Field, Id, Kind, Variant};

impl Ask<'_> {
    /// Asks about a part, and takes note where it refuses its value.
    fn seed<'de, S: DeserializeSeed<'de>>(self, part: Id, seed: S) -> Result<S::Value, Refused> {
        let before = self.explorer.news();
        seed.deserialize(self.about(part)).inspect_err(|_| self.explorer.failed(part, before))
    }
}

/// The elements of a list.
pub(super) struct Elements<'a> {
    pub(super) ask: Ask<'a>,
    pub(super) element: Id,
    pub(super) rest: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        if self.rest == 0 {
            return Ok(None);
        }
        self.rest -= 1;
        self.ask.seed(self.element, seed).map(Some)
    }
}

/// The parts of a tuple.
pub(super) struct Parts<'a> {
    pub(super) ask: Ask<'a>,
    pub(super) parts: IntoIter<Id>,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        self.parts.next().map(|part| self.ask.seed(part, seed)).transpose()
    }
}

/// The entries of a map.
pub(super) struct Entries<'a> {
    pub(super) ask: Ask<'a>,
    pub(super) key: Id,
    pub(super) value: Id,
    pub(super) rest: usize,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        if self.rest == 0 {
            return Ok(None);
        }
        self.rest -= 1;
        let key = self.ask.seed(self.key, seed).map(Some);
        // A struct with `#[serde(flatten)]` reads itself as a map with names that it does not tell.
        if let Kind::Any = self.ask.explorer.node(self.key).kind {
            self.ask.explorer.is_kind(self.ask.node, |_| false, || Kind::Any);
        }
        key
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        self.ask.seed(self.value, seed)
    }
}

/// The fields of a struct: first those that are not known yet, last those that refused their values.
pub(super) struct Fields<'a> {
    ask: Ask<'a>,
    fields: IntoIter<(usize, Field)>,
    value: Option<Id>,
    /// The field whose name was given and whose value was not asked for.
    pending: &'a Cell<Option<usize>>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(ask: Ask<'a>, fields: Vec<Field>, pending: &'a Cell<Option<usize>>) -> Self {
        let nodes = |field: &Field| ask.explorer.node(field.node);
        let mut ordered: Vec<(u8, bool, usize, Field)> = fields
            .into_iter()
            .enumerate()
            .map(|(index, field)| {
                let node = nodes(&field);
                (node.failures, !matches!(node.kind, Kind::Unknown), index, field)
            })
            .filter(|(failures, is_known, _, field)| {
                *failures < ATTEMPTS && !(*is_known && field.refusals > 1) && field.refusals < ATTEMPTS
            })
            .collect();
        ordered.sort_by_key(|(failures, is_known, index, _)| (*failures, *is_known, *index));
        let fields: Vec<(usize, Field)> = ordered.into_iter().map(|(_, _, index, field)| (index, field)).collect();
        Self { ask, fields: fields.into_iter(), value: None, pending }
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let Some((index, field)) = self.fields.next() else {
            self.pending.set(None);
            return Ok(None);
        };
        self.pending.set(Some(index));
        self.value = Some(field.node);
        let name: StrDeserializer<'_, Refused> = field.name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        self.pending.set(None);
        self.ask.seed(self.value.take().ok_or(Refused)?, seed)
    }
}

/// One variant of an enum.
pub(super) struct Variants<'a> {
    pub(super) ask: Ask<'a>,
    pub(super) index: usize,
    pub(super) name: &'static str,
}

impl Variants<'_> {
    /// Picks the variant to try next. Inside of a value of the same type, it is the first that came to an end: it did so
    /// without another one.
    pub(super) fn pick(variants: &[Variant], is_repeated: bool) -> Option<(usize, &Variant)> {
        let open = |variant: &Variant| !is_repeated && !variant.is_settled && variant.failures < ATTEMPTS;
        let all = || variants.iter().enumerate();
        let next = all().filter(|(_, variant)| open(variant)).min_by_key(|(_, variant)| variant.failures);
        next.or_else(|| all().filter(|(_, variant)| variant.done.is_some()).min_by_key(|(_, variant)| variant.done))
    }

    /// Returns the part that the variant's data is.
    fn content(&self) -> Id {
        let explorer = self.ask.explorer;
        let known = match explorer.node(self.ask.node).kind {
            Kind::Enum(variants) => variants.get(self.index).and_then(|variant| variant.content),
            _ => None,
        };
        known.unwrap_or_else(|| {
            let content = explorer.add();
            explorer.change(self.ask.node, |node| match &mut node.kind {
                Kind::Enum(variants) => {
                    variants.get_mut(self.index).is_some_and(|variant| variant.content.replace(content).is_none())
                }
                _ => false,
            });
            content
        })
    }
}

impl<'de> EnumAccess<'de> for Variants<'_> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Refused> {
        let name: StrDeserializer<'_, Refused> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variants<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refused> {
        self.ask.seed(self.content(), seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        let content = self.content();
        let before = self.ask.explorer.news();
        let answer = self.ask.about(content).deeper(|ask| ask.parts(len, visitor));
        answer.inspect_err(|_| self.ask.explorer.failed(content, before))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refused> {
        let content = self.content();
        let before = self.ask.explorer.news();
        let answer = self.ask.about(content).deeper(|ask| ask.fields(fields, visitor));
        answer.inspect_err(|_| self.ask.explorer.failed(content, before))
    }
}
