//! JSON, for any type with serde.

#[cfg(test)]
mod tests;

use std::io::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StepResult;
use crate::io::support::error_keeper::write_as;
use crate::io::support::fit::Limits;
use crate::io::support::problem::{not_empty, unreadable, unwritable};
use crate::io::support::strict;
use crate::io::{PayloadIo, Source, Target, shape_of};

/// Stores any `Serialize + DeserializeOwned` type as JSON, in one line.
///
/// # When the type changes
///
/// If the type has changed, loading is an error, by the same rules as with `MessagePack`. An `f64` is not read as an
/// `f32`, and an `Option<T>` is not read as a `T`. The error names a missing or unknown field. A new field is allowed
/// if it is an `Option` or has `#[serde(default)]`. An `Option<T>` in place of a `T` is allowed too. Finite floats keep
/// all their bits.
///
/// # What can't be kept
///
/// These values are refused before they are persisted, with their place:
///
/// - NaN and the infinities, since JSON does not have them.
/// - `Some(None)` and `Some(())`, since JSON can't tell them from `None`.
/// - Values that are nested more than 120 deep.
/// - Maps with keys other than text, numbers and `bool`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

const FORMAT: &str = "JSON";
/// A file may be nested 127 deep.
const LIMITS: Limits = Limits {
    human_readable: true,
    non_finite_floats: false,
    empty_text: true,
    unit_structs: false,
    depth: 120,
    row: false,
};

impl<P: Serialize + DeserializeOwned> PayloadIo<P> for Json {
    fn name(&self) -> String {
        "json".into()
    }

    fn suffix(&self) -> String {
        ".json".into()
    }

    fn payload_shape(&self) -> Option<String> {
        Some(shape_of::<P>(LIMITS.human_readable))
    }

    fn save(&self, payload: &P, target: &mut Target<'_>) -> StepResult<()> {
        LIMITS.check(payload).map_err(|unfit| unwritable::<P>(FORMAT, unfit))?;
        write_as::<P, serde_json::Error>(FORMAT, target.writer()?, |writer| {
            serde_json::to_writer(&mut *writer, payload)?;
            writer.write_all(b"\n").map_err(serde_json::Error::io)
        })
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<P> {
        let bytes = not_empty::<P, _>(FORMAT, source.bytes()?)?;
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        let payload = strict::deserialize(&mut deserializer).map_err(|problem| unreadable::<P>(FORMAT, problem))?;
        deserializer.end().map_err(|error| unreadable::<P>(FORMAT, error))?;
        Ok(payload)
    }
}
