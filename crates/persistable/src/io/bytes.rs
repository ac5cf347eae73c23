//! Bytes as they are.

#[cfg(test)]
mod tests;

use persistable_store::PayloadBytes;

use crate::StepResult;
use crate::io::{PayloadIo, Source, Target};

/// Stores bytes in a `.bin` file: `Vec<u8>`, or [`PayloadBytes`] to map the file into memory on load.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bytes;

const NAME: &str = "bytes";
const SUFFIX: &str = ".bin";

impl PayloadIo<Vec<u8>> for Bytes {
    fn name(&self) -> String {
        NAME.into()
    }

    fn suffix(&self) -> String {
        SUFFIX.into()
    }

    fn save(&self, payload: &Vec<u8>, target: &mut Target<'_>) -> StepResult<()> {
        Ok(target.writer()?.write_all(payload)?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<u8>> {
        Ok(owned(source.bytes()?))
    }
}

impl PayloadIo<PayloadBytes> for Bytes {
    fn name(&self) -> String {
        NAME.into()
    }

    fn suffix(&self) -> String {
        SUFFIX.into()
    }

    fn save(&self, payload: &PayloadBytes, target: &mut Target<'_>) -> StepResult<()> {
        Ok(target.writer()?.write_all(payload)?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<PayloadBytes> {
        source.map()
    }
}

/// Copies only what isn't owned already.
pub(super) fn owned(bytes: PayloadBytes) -> Vec<u8> {
    match bytes {
        PayloadBytes::Owned(bytes) => bytes,
        shared => shared.to_vec(),
    }
}
