//! The step of which there are very many artifacts.

use std::path::Path;

use persistable::{Durability, Persistable, PersistableParams, Run, Step, StepResult, io};

use crate::problem::Result;

#[derive(PersistableParams)]
pub(crate) struct Small {
    n: usize,
}

impl Step for Small {
    type Payload = Vec<u8>;
    type Io = io::Bytes;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u8>> {
        Ok(format!("payload {}\n", self.n).repeat(10).into_bytes())
    }
}

pub(crate) fn open(folder: &Path, n: usize) -> Result<Persistable<Small>> {
    Ok(Persistable::builder(Small { n }).durability(Durability::Fast).open(folder)?)
}
