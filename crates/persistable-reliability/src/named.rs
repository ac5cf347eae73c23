//! The step in Rust whose payload name and suffix are told: `damage/names.rs` tells them.

use std::path::Path;

use persistable::io::{PayloadIo, Source, Target};
use persistable::{Durability, Error, Persistable, PersistableParams, Run, Step, StepResult};

use crate::outcome::Outcome;

/// The payload, which is of one generation only.
pub(crate) const GENERATION: &str = "named";

#[derive(PersistableParams)]
struct Named {
    n: u32,
}

impl Step for Named {
    type Payload = Vec<u8>;
    type Io = NamedIo;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u8>> {
        Ok(GENERATION.as_bytes().to_vec())
    }
}

#[derive(Default)]
struct NamedIo {
    suffix: String,
}

impl PayloadIo<Vec<u8>> for NamedIo {
    fn name(&self) -> String {
        "reliability-named".into()
    }

    fn suffix(&self) -> String {
        self.suffix.clone()
    }

    fn save(&self, payload: &Vec<u8>, target: &mut Target<'_>) -> StepResult<()> {
        Ok(target.writer()?.write_all(payload)?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<u8>> {
        Ok(source.bytes()?.to_vec())
    }
}

/// Generates or loads the payload of a name and a suffix.
pub(crate) fn act(verb: &str, name: &str, suffix: &str, folder: &Path) -> Result<Outcome, Error> {
    let io = NamedIo { suffix: suffix.to_owned() };
    let builder = Persistable::builder(Named { n: 1 }).payload_name(name).payload_io(io).durability(Durability::Fast);
    let step = builder.open(folder)?;
    let payload = if verb == "generate_named" { step.generate()? } else { step.load()? };
    Ok(match String::from_utf8_lossy(&payload) {
        generation if generation == GENERATION => {
            Outcome::Payload { generation: generation.into_owned(), origin: String::new() }
        }
        other => Outcome::Wrong { message: format!("it is {other:?}") },
    })
}
