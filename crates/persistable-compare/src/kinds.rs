//! What comparing knows of each kind of value, in one table.

use persistable_key::{Value, ValueKind};

/// What kind of value it is, where that is not told by the JSON that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[doc(hidden)]
#[allow(missing_docs, reason = "only the index of the catalogue needs it")]
pub enum Kind {
    Int = 1,
    Text = 3,
    Path = 4,
    Duration = 5,
    Moment = 6,
    Decimal = 7,
    Composite = 8,
    Other = 9,
}

impl Kind {
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Int,
            3 => Self::Text,
            4 => Self::Path,
            5 => Self::Duration,
            6 => Self::Moment,
            7 => Self::Decimal,
            8 => Self::Composite,
            9 => Self::Other,
            _ => return None,
        })
    }
}

/// What comparing knows of a kind of value.
pub(crate) struct KindFacts {
    /// What it is for people.
    pub(crate) name: &'static str,
    /// What the index of the catalogue has it as.
    pub(crate) kind: Kind,
    /// Whether differences name the part of a value that differs. Else they name the whole value.
    pub(crate) has_compared_parts: bool,
}

impl KindFacts {
    pub(crate) fn of(value: &Value) -> Self {
        const PARTS: bool = true;
        const WHOLE: bool = false;
        let (name, kind, has_compared_parts) = match value.value_kind() {
            ValueKind::Null => ("none", Kind::Other, WHOLE),
            ValueKind::Bool => ("a truth value", Kind::Other, WHOLE),
            ValueKind::Int => ("an int", Kind::Int, WHOLE),
            ValueKind::Float | ValueKind::Float32 => ("a float", Kind::Other, WHOLE),
            ValueKind::Text => ("a text", Kind::Text, WHOLE),
            ValueKind::Bytes => ("bytes", Kind::Other, WHOLE),
            ValueKind::List => ("a list", Kind::Composite, PARTS),
            ValueKind::Tuple => ("a tuple", Kind::Composite, PARTS),
            ValueKind::Set => ("a set", Kind::Composite, WHOLE),
            ValueKind::Map => ("a map", Kind::Composite, PARTS),
            ValueKind::Date => ("a date", Kind::Moment, WHOLE),
            ValueKind::Time => ("a time", Kind::Moment, WHOLE),
            ValueKind::DateTime => ("a date and time", Kind::Moment, WHOLE),
            ValueKind::Zoned => ("a date and time with a zone", Kind::Moment, WHOLE),
            ValueKind::Duration => ("a duration", Kind::Duration, WHOLE),
            ValueKind::Decimal => ("a decimal", Kind::Decimal, WHOLE),
            ValueKind::Uuid => ("a UUID", Kind::Other, WHOLE),
            ValueKind::Path => ("a path", Kind::Path, WHOLE),
            ValueKind::Complex => ("a complex number", Kind::Other, WHOLE),
            ValueKind::Enum => ("a member of an enum", Kind::Composite, PARTS),
            ValueKind::Record => ("a record", Kind::Composite, PARTS),
            ValueKind::Array => ("an array", Kind::Other, WHOLE),
            ValueKind::Table => ("a table", Kind::Other, WHOLE),
        };
        Self { name, kind, has_compared_parts }
    }
}
