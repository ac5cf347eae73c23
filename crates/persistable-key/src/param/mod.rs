//! Which types can be parameters.

mod collections;
mod depth;
mod marker;
mod numbers;
mod option;
mod pointers;
mod text;
mod time;
mod tuples;

use crate::error::ParamError;
use crate::value::Value;

/// A type whose values can be parameters.
///
/// It is implemented for numbers, text, paths, times, collections, and, by features of this crate, for types of others.
/// Structs and enums derive it with `#[derive(PersistableParams)]` of the crate `persistable`; by hand it reads:
///
/// ```
/// use persistable_key::{Fields, Param, ParamError, Record, Value};
///
/// struct Model {
///     depth: u32,
/// }
///
/// impl Param for Model {
///     fn to_value(&self) -> Result<Value, ParamError> {
///         let mut fields = Fields::new();
///         fields.push("depth", self.depth.to_value().map_err(|error| error.in_field("depth"))?);
///         Ok(Value::Record(Record::new("Model", fields)))
///     }
/// }
///
/// assert_eq!(Model { depth: 3 }.to_value()?.for_people().to_string(), r#"{"depth":3}"#);
/// # Ok::<(), ParamError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter",
    label = "has no canonical form as part of a key",
    note = "a struct or an enum becomes a parameter by `#[derive(PersistableParams)]`",
    note = "a foreign type becomes one by an encoder on its field: `#[param(encode_with = path)]`",
    note = "only a field that can never change the payload may stay out of the key: `#[param(untracked)]`",
    note = "a field that holds another step is a dependency: `#[param(dependency)]`"
)]
pub trait Param {
    /// Returns the value that stands for this one in a key.
    ///
    /// # Errors
    ///
    /// Refuses a value that has no canonical form.
    fn to_value(&self) -> Result<Value, ParamError>;
}

impl Param for Value {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(self.clone())
    }
}

/// Lets an encoder fail.
impl<T: Param> Param for Result<T, ParamError> {
    fn to_value(&self) -> Result<Value, ParamError> {
        match self {
            Ok(param) => param.to_value(),
            Err(error) => Err(error.clone()),
        }
    }
}
