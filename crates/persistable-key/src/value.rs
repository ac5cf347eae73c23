//! What parameters are made of.

use std::borrow::Cow;

use crate::array::{Array, Dtype};
use crate::error::ParamError;
use crate::scalar::{Date, Decimal, Int, Time, Zoned};

/// A parameter's value, of one of the kinds that have a canonical form.
///
/// Serializing it writes the typed JSON of the specification.
///
/// Two values agree where their [canonical bytes](Value::canonical_bytes) are equal; there is no other equality, since
/// one that ignored the kind (`1` and `1.0`) or the order (of a map) would not be that of keys.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Value {
    /// The absence of a value.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer of any size; the width it has in a program does not matter.
    Int(Int),
    /// A number of 64 bits. Every NaN is the same, -0.0 and 0.0 differ.
    Float(f64),
    /// The float of the same value: to a key the number of bits makes no difference, only to people.
    Float32(f32),
    /// Unicode text, exactly as given.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Values in an order.
    List(Vec<Value>),
    /// Values in an order, as many as a type says; differs from the list of the same values.
    Tuple(Vec<Value>),
    /// Values without an order, each counted once.
    Set(Vec<Value>),
    /// Values by key, without an order. A key that occurs twice is refused.
    Map(Vec<(Value, Value)>),
    /// A day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A day and a time of day, without a zone.
    DateTime(Date, Time),
    /// A moment with its zone.
    Zoned(Zoned),
    /// A span of time in nanoseconds.
    Duration(i128),
    /// A decimal number.
    Decimal(Decimal),
    /// A UUID, in the order of its text form.
    Uuid([u8; 16]),
    /// A path with `/` between its components. It counts in its normal form: without `.`, repeated or trailing
    /// separators.
    Path(String),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A member of an enum.
    Enum(EnumMember),
    /// A type with fields.
    Record(Record),
    /// An array, by the digest of its elements.
    Array(Array),
    /// A table, column by column. Columns of different lengths are refused.
    Table(Vec<Column>),
}

/// A member of an enum, with the enum's name and the data it carries.
#[derive(Clone, Debug)]
pub struct EnumMember {
    type_name: Cow<'static, str>,
    member: Cow<'static, str>,
    data: Option<Box<Value>>,
}

impl EnumMember {
    /// Makes the member of this name. Positional data is a [tuple](Value::Tuple), named data a [record](Value::Record)
    /// with an empty type name.
    pub fn new(
        type_name: impl Into<Cow<'static, str>>,
        member: impl Into<Cow<'static, str>>,
        data: Option<Value>,
    ) -> Self {
        Self { type_name: type_name.into(), member: member.into(), data: data.map(Box::new) }
    }

    /// Returns the enum's name.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Returns the member's name.
    pub fn member(&self) -> &str {
        &self.member
    }

    /// Returns what the member carries.
    pub fn data(&self) -> Option<&Value> {
        self.data.as_deref()
    }
}

/// A type with fields, and its name.
#[derive(Clone, Debug)]
pub struct Record {
    name: Cow<'static, str>,
    fields: Fields,
}

impl Record {
    /// Makes the record of the type `name`, without module or package.
    pub fn new(name: impl Into<Cow<'static, str>>, fields: Fields) -> Self {
        Self { name: name.into(), fields }
    }

    /// Returns the type's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    name: String,
    type_name: String,
    values: Value,
    rows: u64,
}

impl Column {
    /// Makes a column. Values that are all present and of a [`Dtype`] but `Object` are an array of one dimension; any
    /// others are a list, with null for a missing one. `type_name` tells types apart that share such a form.
    ///
    /// # Errors
    ///
    /// Refuses values of any other kind or shape.
    pub fn new(name: impl Into<String>, type_name: impl Into<String>, values: Value) -> Result<Self, ParamError> {
        let rows = match &values {
            Value::List(values) => Some(values.len() as u64),
            Value::Array(array) if array.dtype() != Dtype::Object => match array.shape() {
                [rows] => Some(*rows),
                _ => None,
            },
            _ => None,
        };
        let Some(rows) = rows else {
            return Err(ParamError::new(
                "table",
                "has a column that is neither a list nor a suitable array",
                "give a list, or an array of one dimension and of a dtype other than object",
            ));
        };
        Ok(Self { name: name.into(), type_name: type_name.into(), values, rows })
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns the column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what tells the type of the values.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Returns the values, a list or an array of one dimension.
    pub fn values(&self) -> &Value {
        &self.values
    }
}

/// The parameters of a step, or the fields of a record, in the order in which the type declares them.
///
/// The order is for people: a key sorts them by name. A field is either in the key under the name people see, in the key
/// under an earlier name, shown to people only, or in the key only.
///
/// ```
/// use persistable_key::{Fields, Param};
///
/// let mut fields = Fields::new();
/// fields.push("depth", 3.to_value()?);
/// fields.push_renamed("learning_rate", "rate", 0.1.to_value()?);
/// fields.push_shown("momentum", 0.0.to_value()?);
///
/// let shown = r#"{"depth":3,"learning_rate":0.1,"momentum":0.0}"#;
/// assert_eq!(serde_json::Value::Object(fields.for_people()).to_string(), shown);
/// let keyed = r#"{"depth":{"int":3},"rate":{"float":0.1}}"#;
/// assert_eq!(serde_json::to_string(&fields)?, keyed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<Field>);

#[derive(Clone, Debug)]
struct Field {
    name: Cow<'static, str>,
    keyed: Keyed,
    value: Value,
}

#[derive(Clone, Debug)]
enum Keyed {
    AsShown,
    AsEarlier(Cow<'static, str>),
    Not,
    Unshown,
}

/// A field that is part of the key.
pub(crate) struct KeyedField<'a> {
    /// The name people see, for paths in errors.
    pub(crate) shown: &'a str,
    pub(crate) name: &'a str,
    pub(crate) value: &'a Value,
}

impl Fields {
    /// Makes an empty set of fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an empty set of fields with room for this many.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// Adds a field. That its name occurs once is checked where bytes are made.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        self.add(name.into(), Keyed::AsShown, value);
    }

    /// Adds a field that people see as `name`, and that is in the key under `earlier_name`.
    pub fn push_renamed(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        earlier_name: impl Into<Cow<'static, str>>,
        value: Value,
    ) {
        self.add(name.into(), Keyed::AsEarlier(earlier_name.into()), value);
    }

    /// Adds a field that people see, and that is not in the key: one that was added with a default, and has it.
    pub fn push_shown(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        self.add(name.into(), Keyed::Not, value);
    }

    /// Adds a field that is in the key, and that people do not see: what tells the fields that dependencies are in apart.
    pub fn push_unshown(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        self.add(name.into(), Keyed::Unshown, value);
    }

    /// Returns the number of fields, whether shown or keyed.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over the fields that people see in their order, by the name they see.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let shown = self.0.iter().filter(|field| !matches!(field.keyed, Keyed::Unshown));
        shown.map(|field| (&*field.name, &field.value))
    }

    /// Returns the value of the field that people see as `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find_map(|(shown, value)| (shown == name).then_some(value))
    }

    /// Iterates over the fields that are in the key, by their names in it.
    #[doc(hidden)]
    pub fn iter_keyed(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.keyed().map(|field| (field.name, field.value))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|field| &field.value)
    }

    pub(crate) fn keyed(&self) -> impl Iterator<Item = KeyedField<'_>> {
        self.0.iter().filter_map(|field| {
            let name = match &field.keyed {
                Keyed::AsShown | Keyed::Unshown => &*field.name,
                Keyed::AsEarlier(earlier) => &**earlier,
                Keyed::Not => return None,
            };
            Some(KeyedField { shown: &field.name, name, value: &field.value })
        })
    }

    fn add(&mut self, name: Cow<'static, str>, keyed: Keyed, value: Value) {
        self.0.push(Field { name, keyed, value });
    }
}
