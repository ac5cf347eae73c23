//! JSON, for any type with serde.

#[cfg(test)]
mod tests;

use std::io::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StepResult;
use crate::io::support::fit::Limits;
use crate::io::support::problem::{not_empty, unreadable, unwritable};
use crate::io::support::strict;
use crate::io::support::watched::write_as;
use crate::io::{PayloadIo, Source, Target, shape_of};

/// Keeps any `Serialize + DeserializeOwned` type as JSON: one line that any tool and a text editor read.
///
/// # When the type changes
///
/// A changed type is an error, by the same rules as with `MessagePack`: a `f64` is not read as a `f32`, an `Option<T>` is not
/// read as a `T`, and a field that is missing or unknown is named. A new field that is an `Option` or has
/// `#[serde(default)]` is allowed, and so is an `Option<T>` in place of a `T`. Finite floats are kept to the bit.
///
/// # What can't be kept
///
/// Refused when they are to be persisted, with their place: NaN and the infinities, of which JSON knows nothing;
/// `Some(None)` and `Some(())`, which can't be told from `None`; values nested more than 120 deep; and maps whose keys are
/// neither text nor numbers nor `bool`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

const FORMAT: &str = "JSON";
/// What is read may be nested 127 deep.
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
