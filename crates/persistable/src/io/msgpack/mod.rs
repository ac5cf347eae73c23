//! MessagePack, for any type with serde.

mod nesting;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StepResult;
use crate::io::fit::Limits;
use crate::io::problem::{unreadable, unwritable};
use crate::io::watched::write_as;
use crate::io::{PayloadIo, Source, Target, strict};

/// Keeps any `Serialize + DeserializeOwned` type as [MessagePack](https://msgpack.org): compact, exact and
/// self-describing. The default choice for a payload that has no format of its own.
///
/// Structs are maps by field name, and enums carry the names of their members, so that any MessagePack reader makes
/// sense of them: in Python `msgpack.unpackb(path.read_bytes())` gives dicts and lists.
///
/// # When the type changes
///
/// Bytes that were written for another type are an error that names what differs: a field the type does not have, a
/// field that is missing, a value of another kind, bytes left over. Fields are found by name, so their order may change.
/// As everywhere in serde, a missing field is filled in where it has `#[serde(default)]` or is an `Option`, which is
/// then `None`. Two attributes blunt this: what `#[serde(flatten)]` or an untagged or internally tagged enum reads passes
/// through a buffer in which unknown fields go unnoticed, unless the type has `#[serde(deny_unknown_fields)]`.
///
/// # What can't be kept
///
/// `Some(None)` and `Some(())`, which MessagePack can't tell from `None`, and values nested more than 128 deep are refused
/// when they are to be persisted. All floats are kept to the bit.
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

    fn save(&self, payload: &P, target: &mut Target<'_>) -> StepResult<()> {
        LIMITS.check(payload).map_err(|unfit| unwritable::<P>(FORMAT, unfit))?;
        write_as::<P, _>(FORMAT, target.writer()?, |writer| {
            let mut serializer = rmp_serde::Serializer::new(writer).with_struct_map();
            payload.serialize(&mut serializer)
        })
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<P> {
        let bytes = source.bytes()?;
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
