//! What a field that holds steps looks like without them.

use std::borrow::Cow;

use persistable_key::{EnumMember, Fields, Param, ParamError, Record, Value};

/// Everything about what a field holds but the steps themselves: how many there are, and where each stands.
///
/// Wherever a shape holds steps, they are listed in the order in which the shape mentions them.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// One step.
    Step,
    /// No step, where there could be one.
    NoStep,
    /// So many steps.
    Steps(usize),
    /// A value without steps, beside others that have some.
    Param(Value),
    /// What holds steps, beside values that hold none.
    Dependency(Box<Self>),
    Absent,
    Present(Box<Self>),
    List(Vec<Self>),
    Tuple(Vec<Self>),
    /// In the order of the keys' bytes.
    Map(Vec<(Value, Self)>),
    Variant {
        type_name: Cow<'static, str>,
        name: &'static str,
        data: Option<Box<Self>>,
    },
    Record {
        type_name: Cow<'static, str>,
        params: Fields,
        /// In the order of their names.
        places: Vec<(Cow<'static, str>, Self)>,
    },
}

impl Shape {
    /// Whether it is no more than a number of steps.
    pub(super) fn is_flat(&self) -> bool {
        matches!(self, Self::Step | Self::NoStep | Self::Steps(_))
    }

    /// Whether a field of this shape is a place for steps even while it holds none. Others are params then: an enum, of which some
    /// variants hold steps, has the key of an enum of which none does.
    pub(super) fn is_place(&self) -> bool {
        self.is_flat() || matches!(self, Self::Map(_))
    }

    /// Returns the entries of a map whose keys are texts.
    pub(super) fn named_entries(&self) -> Option<Vec<(&str, &Self)>> {
        let Self::Map(entries) = self else { return None };
        let mut named = Vec::with_capacity(entries.len());
        for (key, shape) in entries {
            let Value::Text(name) = key else { return None };
            named.push((name.as_str(), shape));
        }
        Some(named)
    }

    /// Returns the value that stands for it in a key.
    pub(super) fn keyed(&self) -> Result<Value, ParamError> {
        let all = |shapes: &[Self]| shapes.iter().map(Self::keyed).collect::<Result<Vec<_>, _>>();
        Ok(match self {
            Self::Step => return 1_u8.to_value(),
            Self::NoStep => return 0_u8.to_value(),
            Self::Steps(number) => return number.to_value(),
            Self::Param(value) => value.clone(),
            Self::Dependency(shape) => Value::Enum(EnumMember::new("Persistable", "Dependency", Some(shape.keyed()?))),
            Self::Absent => Value::Null,
            Self::Present(shape) => return Some(shape.keyed()?).to_value(),
            Self::List(shapes) => Value::List(all(shapes)?),
            Self::Tuple(shapes) => Value::Tuple(all(shapes)?),
            Self::Map(entries) => {
                let entry = |(key, shape): &(Value, Self)| Ok((key.clone(), shape.keyed()?));
                Value::Map(entries.iter().map(entry).collect::<Result<_, ParamError>>()?)
            }
            Self::Variant { type_name, name, data } => {
                let data = data.as_deref().map(Self::keyed).transpose()?;
                Value::Enum(EnumMember::new(type_name.clone(), *name, data))
            }
            Self::Record { type_name, params, places } => {
                let mut fields = params.clone();
                for (name, shape) in places {
                    let value = EnumMember::new("Persistable", "Dependency", Some(shape.keyed()?));
                    fields.push(name.clone(), Value::Enum(value));
                }
                Value::Record(Record::new(type_name.clone(), fields))
            }
        })
    }

    /// Returns what people see: in place of each step its name, of which `names` has one for each step, in order.
    pub(super) fn shown(&self, names: &mut impl Iterator<Item = String>) -> Value {
        let mut name = || names.next().map_or(Value::Null, Value::Text);
        match self {
            Self::Step => name(),
            Self::NoStep | Self::Absent => Value::Null,
            Self::Steps(number) => Value::List((0..*number).map(|_| name()).collect()),
            Self::Param(value) => value.clone(),
            Self::Dependency(shape) | Self::Present(shape) => shape.shown(names),
            Self::List(shapes) => Value::List(shapes.iter().map(|shape| shape.shown(names)).collect()),
            Self::Tuple(shapes) => Value::Tuple(shapes.iter().map(|shape| shape.shown(names)).collect()),
            Self::Map(entries) => {
                Value::Map(entries.iter().map(|(key, shape)| (key.clone(), shape.shown(names))).collect())
            }
            Self::Variant { type_name, name, data } => {
                let data = data.as_deref().map(|data| data.shown(names));
                Value::Enum(EnumMember::new(type_name.clone(), *name, data))
            }
            Self::Record { type_name, params, places } => {
                let mut fields = params.clone();
                for (name, shape) in places {
                    fields.push_shown(name.clone(), shape.shown(names));
                }
                Value::Record(Record::new(type_name.clone(), fields))
            }
        }
    }
}
