//! MessagePack, for any type with serde.

mod nesting;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StepResult;
use crate::io::support::error_keeper::write_as;
use crate::io::support::fit::Limits;
use crate::io::support::problem::{not_empty, unreadable, unwritable};
use crate::io::support::strict;
use crate::io::{PayloadIo, Source, Target, shape_of};

/// Stores any `Serialize + DeserializeOwned` type as [MessagePack](https://msgpack.org): compact, exact and
/// self-describing. Use it for payloads without a format of their own.
///
/// Structs are maps by field name, and enums have the names of their members. So any MessagePack reader can read them.
/// In Python, `msgpack.unpackb(path.read_bytes())` gives dicts and lists.
///
/// # When the type changes
///
/// A payload is never read as another value. The manifest records the [shape](crate::io::shape_of) of the type, and the
/// bytes name the fields. So after these changes, loading is an error that says where the types differ:
///
/// - A field is missing, or the type does not have a field that is there.
/// - A number is of another kind: `f64` is now `f32`, `u32` is now `f64`, `bool` is now `u8`.
/// - An `Option<T>` is now a `T`.
/// - A value is of another kind altogether: text is now a number, a struct is now a tuple.
///
/// These changes are allowed, so that types can evolve on purpose:
///
/// - Fields and variants change their order. They are found by name.
/// - A field is new, and is an `Option` or has `#[serde(default)]`. It is `None` or the default in old payloads.
/// - A `T` is now an `Option<T>`.
/// - An integer has another width. A number that does not fit is an error.
/// - An enum has a new variant.
/// - A field keeps its old name by `#[serde(alias = "…")]`.
///
/// Some types do not show their shape: types with their own `Deserialize`, with `#[serde(flatten)]`, and enums that are
/// untagged or internally tagged. Their shape agrees with every other one. They also read through a buffer that ignores
/// unknown fields, unless the type has `#[serde(deny_unknown_fields)]`. Old payloads without a recorded shape are
/// checked only by their bytes.
///
/// # What can't be kept
///
/// These values are refused before they are persisted: `Some(None)` and `Some(())`, since MessagePack can't tell them
/// from `None`, and values that are nested more than 128 deep. All floats keep all their bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessagePack;

const FORMAT: &str = "MessagePack";
const LIMITS: Limits = Limits {
    human_readable: false,
    non_finite_floats: true,
    empty_text: true,
    unit_structs: true,
    depth: 128,
    row: false,
};

impl<P: Serialize + DeserializeOwned> PayloadIo<P> for MessagePack {
    fn name(&self) -> String {
        "msgpack".into()
    }

    fn suffix(&self) -> String {
        ".msgpack".into()
    }

    fn payload_shape(&self) -> Option<String> {
        Some(shape_of::<P>(LIMITS.human_readable))
    }

    fn save(&self, payload: &P, target: &mut Target<'_>) -> StepResult<()> {
        LIMITS.check(payload).map_err(|unfit| unwritable::<P>(FORMAT, unfit))?;
        write_as::<P, _>(FORMAT, target.writer()?, |writer| {
            let mut serializer = rmp_serde::Serializer::new(writer).with_struct_map();
            payload.serialize(&mut serializer)
        })
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<P> {
        let bytes = not_empty::<P, _>(FORMAT, source.bytes()?)?;
        if !nesting::is_within(LIMITS.depth, &bytes) {
            return Err(unreadable::<P>(FORMAT, "they are nested too deeply"));
        }
        let mut deserializer = rmp_serde::Deserializer::new(&bytes[..]);
        let payload = strict::deserialize(&mut deserializer).map_err(|problem| unreadable::<P>(FORMAT, problem))?;
        match deserializer.get_ref().len() {
            0 => Ok(payload),
            rest => Err(unreadable::<P>(FORMAT, format!("{rest} bytes are left over after it"))),
        }
    }
}
